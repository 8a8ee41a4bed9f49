import { formatElapsed, formatSeconds } from '../browser/format.ts';
import { Card } from '../ui/card.tsx';
import { Status } from '../ui/status.tsx';
import type { LiveRun } from './run-stream.ts';
import { faultSpans, recoveryWords } from './words.ts';

type Span = ReturnType<typeof faultSpans>[number];

/** A lane for each fault, over the time of the charts, with what became of it in words. */
export function FaultLanes({ run: { gameday, points }, ended }: { run: LiveRun; ended: boolean }) {
  const spans = faultSpans(points, gameday.progress?.faults ?? []);
  const length = Math.max(gameday.duration_s ?? 0, points.at(-1)?.t ?? 0, 5);
  return (
    <Card label="Faults" title={ended ? 'Faults' : 'Faults so far'}>
      {spans.length === 0 ? <p className="text-muted">{ended ? 'None.' : 'None yet.'}</p> : null}
      <ol className="space-y-2">
        {[...Map.groupBy(spans, ({ name }) => name)].map(([name, own]) => (
          <li className="grid gap-x-4 sm:grid-cols-[minmax(9rem,1fr)_minmax(0,2fr)_minmax(9rem,1fr)]" key={name}>
            <span className="min-w-0">{name}</span>
            <span aria-hidden="true" className="relative my-1 block h-3 rounded bg-raised">
              {own.map((span) => (
                <span
                  className="absolute inset-y-0 min-w-[3px] rounded bg-warn"
                  key={span.from}
                  style={{ left: share(span.from), width: share((span.to ?? length) - span.from) }}
                />
              ))}
            </span>
            <span className="text-muted">
              <When spans={own} /> {recoveryWords(gameday.recoveries.filter(({ fault }) => fault === name))}
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );

  function share(seconds: number): string {
    return `${(100 * seconds) / length}%`;
  }
}

function When({ spans }: { spans: readonly Span[] }) {
  const last = spans.at(-1);
  if (last?.to === null)
    return <Status icon="chaos" tone="warn" word={`since ${formatElapsed(Math.round(last.from))}`} />;
  if (spans.length > 2) {
    const seconds = spans.reduce((sum, { from, to }) => sum + (to ?? from) - from, 0);
    return <>{`${spans.length} times, ${formatSeconds(seconds)} in all.`}</>;
  }
  return <>{`${spans.map(({ from, to }) => during(Math.round(from), Math.round(to ?? from))).join(', ')}.`}</>;
}

const during = (from: number, to: number): string => (from === to ? `at ${from} s` : `${from} s to ${to} s`);
