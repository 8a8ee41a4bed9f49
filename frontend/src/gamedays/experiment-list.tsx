import type { Experiment, Gameday } from '@valerix/contracts';
import Link from 'next/link';
import { useState } from 'react';
import { formatSpan } from '../browser/format.ts';
import { Button } from '../ui/controls.tsx';
import { Explained } from '../ui/explained.tsx';
import { Status } from '../ui/status.tsx';
import { StartForm } from './start-form.tsx';
import { currentStep, lookOf } from './words.ts';

/** `busy`: a run is under way, so no other can start; `fresh`: each run has a system of its own. */
type Props = Readonly<{
  experiments: readonly Experiment[];
  /** Ended runs, newest first. */
  past: readonly Gameday[];
  operator: boolean;
  busy: boolean;
  fresh: boolean;
}>;

/** The experiments. An open one shows its steps and, to operators, the form that starts it. */
export function ExperimentList({ experiments, past, operator, busy, fresh }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <ul className="divide-y divide-line">
      {experiments.map((experiment) => {
        const { name, title, summary, duration_s, rate, level, tags } = experiment;
        const isOpen = open === name;
        const last = past.find((run) => run.experiment === name);
        return (
          <li className="py-2.5" data-experiment={name} key={name}>
            <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
              <div className="min-w-0 flex-1 basis-[11rem]">
                <h3 className="flex flex-wrap items-center gap-2 font-medium">
                  {title} {last ? <LastVerdict run={last} /> : null}
                </h3>
                <p className="text-muted">{summary}</p>
                <p className="text-sm text-muted">
                  {[`${formatSpan(duration_s * 1000)} at ${rate} orders a second`, level, ...tags].join(' · ')}
                </p>
              </div>
              <Button
                aria-expanded={isOpen}
                aria-label={isOpen ? `Close ${title}` : `${operator ? 'Start' : 'Steps of'} ${title}`}
                className="min-w-[4.6rem]"
                main={operator && !isOpen}
                onClick={() => setOpen(isOpen ? null : name)}
                small
                text={isOpen ? 'Close' : operator ? 'Start' : 'Steps'}
              />
            </div>
            {isOpen ? (
              <div className="mt-2 space-y-3 rounded-lg bg-raised p-3">
                {operator ? <StartForm busy={busy} experiment={experiment} fresh={fresh} /> : null}
                <Plan experiment={experiment} />
              </div>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

function LastVerdict({ run }: { run: Gameday }) {
  return (
    <Link aria-label={`The last run: ${lookOf(run).word}`} href={`/gamedays/${run.id}`} prefetch={false}>
      <Status {...lookOf(run)} />
    </Link>
  );
}

/** What an experiment does. `atMs`: the time of a run under way, which marks its current step. */
export function Plan({ experiment, atMs }: { experiment: Experiment; atMs?: number | undefined }) {
  const { description, hypothesis, method, evidence, needs } = experiment;
  const current = atMs === undefined ? -1 : currentStep(experiment, atMs);
  return (
    <div className="space-y-2">
      <p>
        <Explained text={description} />
      </p>
      {hypothesis ? (
        <p>
          <span className="text-muted">Hypothesis: </span>
          <Explained text={hypothesis} />
        </p>
      ) : null}
      {needs.length > 0 ? (
        <p>
          <span className="text-muted">Needs </span>
          {needs.join(', ')}
        </p>
      ) : null}
      <h4 className="text-muted">Steps, by second of the run</h4>
      <ol className="space-y-1">
        {method.map(({ name, does, after_s }, index) => (
          <li
            aria-current={index === current ? 'step' : undefined}
            className={`grid grid-cols-[2.6rem_1fr] gap-x-2 ${index === current ? 'rounded bg-info-soft font-medium' : ''}`}
            // biome-ignore lint/suspicious/noArrayIndexKey: a step can occur twice, and the list never changes
            key={index}
          >
            <span className="text-right text-muted">{Math.round(after_s)} s</span>
            <span className="min-w-0">
              {name} <code className="break-words text-sm text-muted">{does}</code>
            </span>
          </li>
        ))}
      </ol>
      <h4 className="text-muted">The run is conclusive only if</h4>
      <ul className="list-disc pl-5">
        {evidence.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </div>
  );
}
