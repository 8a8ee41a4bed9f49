import type { Experiment, Gameday } from '@valerix/contracts';
import Link from 'next/link';
import { useState } from 'react';
import { formatSpan } from '../browser/format.ts';
import { Button } from '../ui/controls.tsx';
import { Explained } from '../ui/explained.tsx';
import { hasWords } from '../ui/has-words.ts';
import { NothingFound, SearchBox } from '../ui/search.tsx';
import { Status } from '../ui/status.tsx';
import { StartForm } from './start-form.tsx';
import { byLevel, currentStep, loadMs, lookOf } from './words.ts';

/** `busy`: a run is under way, so no other can start; `fresh`: each run has a system of its own. */
type Props = Readonly<{
  experiments: readonly Experiment[];
  /** Ended runs, newest first. */
  past: readonly Gameday[];
  operator: boolean;
  busy: boolean;
  fresh: boolean;
}>;

/** The experiments by level, those that have the words of the search. An open one shows its steps and, to operators, the form that starts it. */
export function ExperimentList({ experiments, ...rest }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  const [searched, setSearched] = useState('');
  const shown = experiments.filter(({ name, title, summary, hypothesis, tags }) =>
    hasWords(searched, name, title, summary, hypothesis, ...tags),
  );
  return (
    <>
      <SearchBox
        className="mb-1"
        label="Search the experiments"
        placeholder="Search: crashes, money, Redis"
        set={setSearched}
        value={searched}
      />
      <NothingFound clear={() => setSearched('')} is={shown.length === 0} text="No experiment has these words." />
      {byLevel(shown).map(([level, some]) => (
        <section aria-label={level} key={level}>
          <h3 className="border-line border-b pt-2 pb-1 text-muted">{level}</h3>
          <ul className="divide-y divide-line">
            {some.map((experiment) => (
              <Row
                {...rest}
                experiment={experiment}
                isOpen={open === experiment.name}
                key={experiment.name}
                setOpen={(isOpen) => setOpen(isOpen ? experiment.name : null)}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

interface RowProps extends Omit<Props, 'experiments'> {
  readonly experiment: Experiment;
  readonly isOpen: boolean;
  readonly setOpen: (isOpen: boolean) => void;
}

function Row({ experiment, past, operator, busy, fresh, isOpen, setOpen }: RowProps) {
  const { name, title, summary, rate, tags } = experiment;
  const last = past.find((run) => run.experiment === name);
  return (
    <li className="py-2.5" data-experiment={name}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
        <div className="min-w-0 flex-1 basis-[11rem]">
          <h4 className="flex flex-wrap items-center gap-2 font-medium">
            {title} {last ? <LastVerdict run={last} /> : null}
          </h4>
          <p className="text-muted">{summary}</p>
          <p className="text-sm text-muted">{[`${rate} orders a second`, ...tags].join(' · ')}</p>
        </div>
        <span className="text-right text-muted">{formatSpan(loadMs(experiment))}</span>
        <Button
          aria-expanded={isOpen}
          aria-label={isOpen ? `Close ${title}` : `${operator ? 'Start' : 'Steps of'} ${title}`}
          className="min-w-[4.6rem]"
          main={operator && !isOpen}
          onClick={() => setOpen(!isOpen)}
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
      <p className="text-muted">Steps, by second of the run</p>
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
      <p className="text-muted">The run is conclusive only if</p>
      <ul className="list-disc pl-5">
        {evidence.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </div>
  );
}
