import type { Experiment, Gameday } from '@valerix/contracts';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { formatCount, formatSeconds, plural } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import { Card } from '../ui/card.tsx';
import { Button, Confirm } from '../ui/controls.tsx';
import { Alert, SelectField } from '../ui/forms.tsx';
import { Icon } from '../ui/icons.tsx';
import { Fact } from '../ui/parts.tsx';
import { TONES } from '../ui/status.tsx';
import { EvidenceList } from './evidence-list.tsx';
import { ReportLink } from './past-runs.tsx';
import { useGamedays, useStart } from './use-gamedays.ts';
import { compareHref, longRunWords, lookOf, optionOf } from './words.ts';

/** `experiment`: undefined until it is read, and for one that the laboratory does not have. */
type Props = Readonly<{ gameday: Gameday; experiment: Experiment | undefined }>;

/** The end of a run: its verdict first, then why, and what can be done with it. */
export function VerdictCard({ gameday, experiment }: Props) {
  const { verdict, reasons, problem, orders, violations, took_s, evidence } = gameday;
  const { tone, word } = lookOf(gameday);
  const title = (
    <span className="flex items-center gap-2 text-2xl">
      <span className={`rounded-full p-1 ${TONES[tone].soft}`}>
        <Icon name={TONES[tone].icon} size={20} />
      </span>
      {word}
    </span>
  );
  return (
    <Card data-verdict={verdict ?? 'none'} edge={tone} label="Verdict" title={title}>
      {experiment?.hypothesis ? (
        <p className="mb-2">
          <span className="text-muted">Hypothesis: </span>
          {experiment.hypothesis}
        </p>
      ) : null}
      <div className="grid gap-x-8 gap-y-3 lg:grid-cols-[2fr_2fr_1fr]">
        <div className="space-y-1.5">
          <ul className="space-y-1">
            {reasons.map((reason) => (
              <li className="break-words" key={reason}>
                {reason}
              </li>
            ))}
          </ul>
          {problem ? <p className="whitespace-pre-wrap break-words">{problem}</p> : null}
          {verdict === 'PASS' ? (
            <p className="text-muted">
              Why believe it: {plural(orders ?? 0, 'order')} and every answer to a client were compared with the
              databases, and the run showed that its faults were real.
            </p>
          ) : null}
        </div>
        <EvidenceList ended evidence={evidence} />
        <dl>
          <Fact name="orders">{formatCount(orders)}</Fact>
          <Fact name="violations">
            <span className={violations ? 'font-medium text-bad' : ''}>{formatCount(violations)}</span>
          </Fact>
          <Fact name="took">{formatSeconds(took_s)}</Fact>
        </dl>
      </div>
      {gameday.has_report ? <Files gameday={gameday} /> : null}
      <div className="mt-3 flex flex-wrap items-end gap-3">
        {experiment ? <RunAgain experiment={experiment} gameday={gameday} /> : null}
        <CompareWith gameday={gameday} />
      </div>
    </Card>
  );
}

/** The run's files, to open or to keep. */
function Files({ gameday: { id, title, experiment } }: { gameday: Gameday }) {
  const { operator } = useSession();
  const files = [
    ['report', 'html'],
    ['journal', 'json'],
    // It holds the keys of orders.
    ...(operator ? [['history', 'jsonl'] as const] : []),
  ] as const;
  return (
    <div className="mt-3 flex flex-wrap items-center gap-3">
      <ReportLink id={id} of={title ?? experiment} whole />
      <span className="flex gap-3">
        <span className="text-muted">Download</span>
        {files.map(([name, ending]) => (
          <a className="link" download={`${id}-${name}.${ending}`} href={`/api/gamedays/${id}/${name}`} key={name}>
            {name}
          </a>
        ))}
      </span>
    </div>
  );
}

/** Starts the same run once more: the same seed gives the same operations. */
function RunAgain({ gameday, experiment: { name, method_s } }: { gameday: Gameday; experiment: Experiment }) {
  const { seed, rate, duration_s } = gameday;
  const router = useRouter();
  const { operator } = useSession();
  const { busy, error, start } = useStart();
  if (!operator || seed === null || rate === null || duration_s === null) return null;
  const again = async () => {
    const next = await start({ experiment: name, seed, rate, duration_s });
    if (next !== null) router.push(`/gamedays/${next}`);
  };
  const text = 'Run it again with the same seed';
  const note = longRunWords({ duration_s, method_s });
  if (note !== null) {
    const words = { text, note, busyText: 'Starting', yes: 'Yes, start it', no: 'Not now' };
    return <Confirm {...words} act={again} action={{ busy, error }} cautious icon="retry" />;
  }
  return (
    <div>
      <Button busy={busy} icon="retry" onClick={again} once text={text} />
      <Alert error={error} />
    </div>
  );
}

/** Leads to the comparison with another run; those of the same experiment come first. */
function CompareWith({ gameday }: { gameday: Gameday }) {
  const router = useRouter();
  const [other, setOther] = useState('');
  const others = useGamedays().items.filter(({ id, state }) => id !== gameday.id && state === 'finished');
  if (others.length === 0 || gameday.state !== 'finished') return null;
  const alike = others.filter(({ experiment }) => experiment === gameday.experiment);
  const sorted = [...alike, ...others.filter((one) => !alike.includes(one))];
  return (
    <>
      <SelectField
        label="Compare with"
        options={[['', 'another run'], ...sorted.map(optionOf)]}
        set={setOther}
        value={other}
      />
      <Button disabled={other === ''} onClick={() => router.push(compareHref(other, gameday.id))} text="Compare" />
    </>
  );
}
