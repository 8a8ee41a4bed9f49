'use client';

import { type FormEvent, useState } from 'react';
import { formatCount, formatMs, formatRate, formatShortTime, formatSpan, formatTick } from '../browser/format.ts';
import { useFreshState, useLive, useSilence } from '../browser/hooks.ts';
import { useAction } from '../browser/use-task.ts';
import { useStock } from '../catalogue/use-stock.ts';
import { ChaosBar } from '../chaos/chaos-bar.tsx';
import type { LivePoint } from '../live/live-types.ts';
import { LOAD_OUTCOMES, type LoadOutcome, type LoadView, MAX_ORDERS, MAX_RATE } from '../live/load-view.ts';
import { CHAOS_MARKS } from '../overview/chaos-bands.ts';
import { LAST_FIVE_MINUTES } from '../overview/charts.tsx';
import { HealthTile } from '../overview/health-tile.tsx';
import { QueueCard } from '../overview/service-cards.tsx';
import { VerdictBanner } from '../overview/verdict-banner.tsx';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Alert, SelectField, TextField } from '../ui/forms.tsx';
import { Empty, Fact, Loading, PageHead } from '../ui/parts.tsx';
import { Status, type Tone } from '../ui/status.tsx';
import { type ChartSeries, TimeChart } from '../ui/time-chart.tsx';

export function LoadPage() {
  const { state } = useLive();
  return (
    <>
      <PageHead
        lead="The dashboard's server places orders at a steady rate, each under its own key. One run at a time; every tab shows it and can stop it."
        title="Load"
      />
      <div className="grid gap-3 lg:grid-cols-[minmax(300px,400px)_minmax(0,1fr)]">
        <div className="space-y-3">
          <PlanForm load={state?.load ?? null} />
          <HealthTile />
          <QueueCard />
        </div>
        <div className="min-w-0 space-y-3">
          {state === null ? <Loading label="Loading the results" rows={6} /> : <Results load={state.load} />}
          <LoadCharts />
          <ChaosBar />
          <VerdictBanner />
        </div>
      </div>
    </>
  );
}

function PlanForm({ load }: { load: LoadView | null }) {
  const { running = false, stopping = false } = load ?? {};
  const action = useAction();
  const stock = useStock();
  const [orders, setOrders] = useState('200');
  const [rate, setRate] = useState('20');
  const [item, setItem] = useState('');
  const all = stock.items.map((one) => one.item_id);
  const ordersLabel = `Orders, up to ${formatCount(MAX_ORDERS)}`;
  const choices = stock.items.map((one) => [one.item_id, `${one.item_name} (${one.quantity} left)`] as const);
  const count = Number(orders);
  const perSecond = Number(rate);
  const valid =
    Number.isInteger(count) && count >= 1 && count <= MAX_ORDERS && perSecond >= 0.1 && perSecond <= MAX_RATE;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const items = item === '' ? all : [item];
    void action.send('POST', '/api/load', { orders: count, per_second: perSecond, items });
  };
  return (
    <form aria-label="Plan" className="card space-y-3" onSubmit={submit}>
      <h2>Plan</h2>
      <div className="grid grid-cols-2 gap-3">
        <TextField inputMode="numeric" label={ordersLabel} set={setOrders} value={orders} />
        <TextField inputMode="decimal" label={`Per second, up to ${MAX_RATE}`} set={setRate} value={rate} />
      </div>
      <SelectField label="One unit of" options={[['', 'each item in turn'], ...choices]} set={setItem} value={item} />
      <div className="flex gap-2">
        <Button
          main
          className="flex-1"
          busy={action.busy}
          disabled={running || !valid || all.length === 0}
          type="submit"
          text={running ? 'Running' : 'Start'}
        />
        <Button
          disabled={!running || stopping}
          onClick={() => void action.send('DELETE', '/api/load')}
          text={stopping ? 'Stopping' : 'Stop'}
        />
      </div>
      <Alert error={action.error} />
      {stock.isError ? (
        <p className="text-bad">
          The stock cannot be read
          {all.length === 0 ? ', so there is nothing to order.' : '. The items above were received earlier.'}
        </p>
      ) : null}
      {valid ? null : (
        <p className="text-bad">
          From 1 to {formatCount(MAX_ORDERS)} orders, at up to {MAX_RATE} per second.
        </p>
      )}
    </form>
  );
}

const LOOK: Record<LoadOutcome, { tone: Tone; label: string; means: string; fill: string }> = {
  confirmed: { tone: 'ok', label: '201 confirmed', means: 'stock deducted', fill: 'bg-ok' },
  queued: { tone: 'warn', label: '202 queued', means: 'settled in the background', fill: 'bg-warn' },
  refused: { tone: 'bad', label: '422 refused', means: 'stock was short', fill: 'bg-bad' },
  busy: { tone: 'unknown', label: '429 too busy', means: 'nothing was ordered', fill: 'bg-unknown' },
  unavailable: { tone: 'unknown', label: '503 not available', means: 'nothing was ordered', fill: 'bg-unknown' },
  unknown: { tone: 'unknown', label: 'no answer', means: 'after four tries under one key', fill: 'bg-unknown' },
  unsent: { tone: 'unknown', label: 'not sent', means: '400 orders were waiting already', fill: 'bg-unknown' },
};

function Results({ load }: { load: LoadView | null }) {
  const isCurrent = useFreshState() !== null;
  if (load === null) {
    return (
      <Card title="Results">
        <Empty>Start a run to see its outcomes here. It goes on while you open other pages or turn on chaos.</Empty>
      </Card>
    );
  }
  const { outcomes, running, settled, answered, orders } = load;
  const shareOf = (outcome: LoadOutcome) => `${(outcomes[outcome] / orders) * 100}%`;
  const shown = LOAD_OUTCOMES.filter((outcome) => outcomes[outcome] > 0 || outcome === 'confirmed');
  const seconds = load.elapsed_ms / 1000;
  const status = running ? <Status tone="info" word="running" /> : <Status tone="ok" word="ended" />;
  return (
    <Card
      aside={isCurrent ? status : <Status tone="unknown" word="unknown" />}
      className="space-y-3"
      data-running={running}
      label="Results"
      title={`${formatCount(answered)} of ${formatCount(orders)} orders answered`}
    >
      <div aria-hidden="true" className="flex h-3 overflow-hidden rounded-full bg-raised">
        {LOAD_OUTCOMES.map((outcome) => (
          <div className={LOOK[outcome].fill} key={outcome} style={{ width: shareOf(outcome) }} />
        ))}
      </div>
      <table className="table">
        <tbody>
          {shown.map((outcome) => (
            <tr key={outcome}>
              <td>
                <Status tone={LOOK[outcome].tone} word={LOOK[outcome].label} />
              </td>
              <td className="text-muted">{LOOK[outcome].means}</td>
              <td className="text-right font-medium" data-outcome={outcome}>
                {formatCount(outcomes[outcome])}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="grid gap-x-8 sm:grid-cols-2">
        <Fact name="asked per second">{formatRate(load.per_second)}</Fact>
        <Fact name="answered per second">{formatRate(seconds > 0 ? answered / seconds : null)}</Fact>
        <Fact name="time to answer, p50">{formatMs(load.p50_ms)}</Fact>
        <Fact name="time to answer, p95">{formatMs(load.p95_ms)}</Fact>
        <Fact name="retries">{formatCount(load.retries)}</Fact>
        <Fact name="time">{formatSpan(load.elapsed_ms)}</Fact>
      </dl>
      {settled === null ? null : (
        <p role="status">
          Queued orders: <strong>{formatCount(settled.confirmed)}</strong> confirmed since,{' '}
          {formatCount(settled.refused)} refused, <strong>{formatCount(settled.waiting)}</strong> still waiting.
        </p>
      )}
    </Card>
  );
}

type Series = readonly ChartSeries<LivePoint>[];

const RATES: Series = [
  { value: ({ load }) => load?.asked ?? null, label: 'asked', color: '--series-p50', format: formatRate },
  { value: ({ load }) => load?.answered ?? null, label: 'answered', color: '--series-confirmed', format: formatRate },
];
const TIMES: Series = [
  { value: ({ load }) => load?.p95_ms ?? null, label: 'p95', color: '--series-p95', format: formatMs },
];

/** The last five minutes of load, shaded while faults were active. */
function LoadCharts() {
  const { points } = useLive();
  const ended = useSilence().silent;
  if (!points.some(({ load }) => load !== undefined)) return null;
  const common = {
    points,
    ...CHAOS_MARKS,
    ended,
    time: LAST_FIVE_MINUTES,
    empty: 'No order was answered in this time.',
  };
  return (
    <div className="grid gap-3 xl:grid-cols-2">
      <TimeChart {...common} axis={formatTick} reach={10} series={RATES} title="Orders per second" />
      <TimeChart {...common} axis={formatShortTime} reach={20} series={TIMES} title="Time to answer" />
    </div>
  );
}
