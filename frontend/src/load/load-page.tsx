'use client';

import { percentile } from '@valerix/contracts';
import { type FormEvent, useState } from 'react';
import { formatCount, formatMs, formatRate, formatSpan } from '../browser/format.ts';
import { useStock } from '../catalogue/use-stock.ts';
import { ChaosBar } from '../chaos/chaos-bar.tsx';
import { HealthTile } from '../overview/health-tile.tsx';
import { QueueCard } from '../overview/service-cards.tsx';
import { VerdictBanner } from '../overview/verdict-banner.tsx';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { SelectField, TextField } from '../ui/forms.tsx';
import { Empty, Fact, PageHead } from '../ui/parts.tsx';
import { Status, type Tone } from '../ui/status.tsx';
import { LOAD_OUTCOMES, type LoadOutcome, MAX_ORDERS, MAX_RATE } from './load-run.ts';
import type { Load } from './load-store.ts';
import { useLoad } from './use-load.ts';

export function LoadPage() {
  const load = useLoad();
  return (
    <>
      <PageHead
        lead="Places orders from this page, each under its own key, and counts the answers. This is a demonstration; the load generator in gameday/ measures."
        title="Load"
      />
      <div className="grid gap-3 lg:grid-cols-[minmax(300px,400px)_minmax(0,1fr)]">
        <div className="space-y-3">
          <PlanForm load={load} />
          <HealthTile />
          <QueueCard />
        </div>
        <div className="min-w-0 space-y-3">
          <Results load={load} />
          <ChaosBar />
          <VerdictBanner />
        </div>
      </div>
    </>
  );
}

function PlanForm({ load: { state, start, stop } }: { load: ReturnType<typeof useLoad> }) {
  const { running = false, stopping = false } = state ?? {};
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
    start({ orders: count, per_second: perSecond, items: item === '' ? all : [item] });
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
          disabled={running || !valid || all.length === 0}
          type="submit"
          text={running ? 'Running' : 'Start'}
        />
        <Button disabled={!running || stopping} onClick={stop} text={stopping ? 'Stopping' : 'Stop'} />
      </div>
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
};

function Results({ load: { state, settled } }: { load: Load }) {
  if (state === null) {
    return (
      <Card title="Results">
        <Empty>Start a run to see its outcomes here. It continues while you open other pages or turn on chaos.</Empty>
      </Card>
    );
  }
  const shareOf = (outcome: LoadOutcome) => `${(state.outcomes[outcome] / state.target) * 100}%`;
  const shown = LOAD_OUTCOMES.filter((outcome) => state.outcomes[outcome] > 0 || outcome === 'confirmed');
  const rate = state.elapsed_ms > 0 ? state.answered / (state.elapsed_ms / 1000) : null;
  return (
    <Card
      aside={<Status tone={state.running ? 'info' : 'ok'} word={state.running ? 'running' : 'ended'} />}
      className="space-y-3"
      data-running={state.running}
      label="Results"
      title={`${formatCount(state.answered)} of ${formatCount(state.target)} orders answered`}
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
                {formatCount(state.outcomes[outcome])}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="grid gap-x-8 sm:grid-cols-2">
        <Fact name="time to answer, p50">{formatMs(percentile(state.durations, 0.5) ?? null)}</Fact>
        <Fact name="time to answer, p95">{formatMs(percentile(state.durations, 0.95) ?? null)}</Fact>
        <Fact name="answered per second">{formatRate(rate)}</Fact>
        <Fact name="retries">{formatCount(state.retries)}</Fact>
        <Fact name="time">{formatSpan(state.elapsed_ms)}</Fact>
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
