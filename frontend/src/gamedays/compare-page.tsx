'use client';

import type { Gameday } from '@valerix/contracts';
import Link from 'next/link';
import { formatCount, formatRate } from '../browser/format.ts';
import { useTitle } from '../browser/use-title.ts';
import { Card } from '../ui/card.tsx';
import { PageHead, QueryState, Time } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import { RunCharts } from './run-charts.tsx';
import type { LiveRun } from './run-stream.ts';
import { useRun } from './use-gamedays.ts';
import { commonScale, figuresOf, lookOf } from './words.ts';

/** Two runs side by side, with the same axes. */
export function ComparePage({ first, second }: { first: string; second: string }) {
  const [a, b] = [useRun(first), useRun(second)];
  const runs = a.run && b.run ? [a.run, b.run] : null;
  useTitle(runs ? `Compared: ${runs.map(({ gameday }) => lookOf(gameday).word).join(' and ')}` : null);
  return (
    <>
      <PageHead lead="The same axes on both sides. The same seed gives both the same operations." title="Two game days">
        <Link className="button" href="/gamedays">
          All game days
        </Link>
      </PageHead>
      {[a, b].map(({ run, query }, index) =>
        run === null ? <QueryState key={index === 0 ? 'first' : 'second'} query={query} what="The game day" /> : null,
      )}
      {runs ? <Compared runs={runs} /> : null}
    </>
  );
}

function Compared({ runs }: { runs: readonly LiveRun[] }) {
  const scale = commonScale(runs);
  return (
    <div className="space-y-3">
      <div className="grid gap-3 lg:grid-cols-2">
        {runs.map(({ gameday, points }, index) => (
          <section aria-label={`Run ${index + 1}`} className="min-w-0 space-y-3" key={index === 0 ? 'first' : 'second'}>
            <RunHead gameday={gameday} />
            <RunCharts durationS={scale.seconds} ended of={`run ${index + 1}`} points={points} scale={scale} />
          </section>
        ))}
      </div>
      <Card title="Figures">
        <Figures runs={runs.map(({ gameday }) => gameday)} />
      </Card>
    </div>
  );
}

function RunHead({ gameday }: { gameday: Gameday }) {
  return (
    <div className="card flex flex-wrap items-center gap-x-3">
      <Status {...lookOf(gameday)} />
      <Link className="link" href={`/gamedays/${gameday.id}`}>
        {gameday.title ?? gameday.experiment}
      </Link>
      <Time at={gameday.started_at} className="text-muted" />
      <span className="text-muted">seed {gameday.seed ?? 'unknown'}</span>
    </div>
  );
}

function Figures({ runs }: { runs: readonly Gameday[] }) {
  const [first, second] = runs.map(figuresOf);
  if (first === undefined || second === undefined) return null;
  const names = Object.keys(first) as (keyof typeof first)[];
  return (
    <table className="table">
      <thead>
        <tr>
          {['Figure', 'First', 'Second', 'Difference'].map((head) => (
            <th className={head === 'Figure' ? '' : 'text-right'} key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name}>
            <td>{name}</td>
            <td className="text-right">{shown(first[name])}</td>
            <td className="text-right">{shown(second[name])}</td>
            <td className="text-right text-muted">{difference(first[name], second[name])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A measure below ten has a digit more than a count. */
const shown = (value: number | null): string =>
  value === null || Number.isInteger(value) ? formatCount(value) : formatRate(value);

function difference(first: number | null, second: number | null): string {
  if (first === null || second === null) return '–';
  if (first === second) return 'same';
  return `${second > first ? '+' : '−'}${shown(Math.abs(second - first))}`;
}
