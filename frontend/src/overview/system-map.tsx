'use client';

import type { Health } from '@valerix/contracts';
import { formatCount, formatMs, formatRate } from '../browser/format.ts';
import { STALE_AFTER_MS, useLive, useSilence } from '../browser/hooks.ts';
import type { LiveState, ServiceView } from '../live/live-types.ts';
import type { Tone } from '../ui/status.tsx';
import { overallHealth, worstBreaker } from './service-cards.tsx';

const STROKE: Record<Tone, string> = {
  ok: 'var(--ok)',
  warn: 'var(--warn)',
  bad: 'var(--bad)',
  info: 'var(--info)',
  unknown: 'var(--line-strong)',
};

interface Edge {
  readonly tone: Tone;
  readonly label: string;
  readonly flowing: boolean;
}

/** The system as it runs now: who talks to whom, and how that goes. */
export function SystemMap() {
  const { state } = useLive();
  const silence = useSilence();
  const live = silence !== null && silence <= STALE_AFTER_MS ? state : null;
  const orders = live?.services[0];
  const stock = live?.services[1];
  const edges = edgesOf(live);
  return (
    <section aria-label="System" className="card">
      <h2 className="mb-2">System</h2>
      <div className="overflow-x-auto">
        <svg className="mx-auto block min-w-[520px] max-w-[860px]" role="img" viewBox="0 0 760 300" width="100%">
          <title>{describe(live)}</title>
          <Line edge={edges.clients} labelAt={[118, 106]} path="M104 120 H218" />
          <Line edge={edges.call} labelAt={[445, 106]} path="M382 120 H558" />
          <Line edge={edges.orderDb} labelAt={[214, 214]} path="M270 148 V236" side="end" />
          <Line edge={edges.queue} labelAt={[376, 214]} path="M338 148 C338 190 440 190 440 236" side="start" />
          <Line edge={edges.stockDb} labelAt={[640, 214]} path="M640 148 V236" side="start" />
          <Box
            label="Clients"
            note={`${formatRate(orders?.requests_per_second ?? null)} /s`}
            tone="unknown"
            width={92}
            x={12}
            y={92}
          />
          <Box label="Order service" note={noteOf(orders)} tone={toneOf(orders)} width={164} x={218} y={92} />
          <Box label="Inventory service" note={noteOf(stock)} tone={toneOf(stock)} width={164} x={558} y={92} />
          <Box label="PostgreSQL" note="orders" tone={edges.orderDb.tone} width={130} x={205} y={236} />
          <Box label="Redis" note={queueNote(live)} tone={edges.queue.tone} width={130} x={375} y={236} />
          <Box label="PostgreSQL" note="stock" tone={edges.stockDb.tone} width={130} x={575} y={236} />
          <ChaosMark live={live} />
        </svg>
      </div>
    </section>
  );
}

function toneOf(service: ServiceView | undefined): Tone {
  return service === undefined ? 'unknown' : overallHealth(service).overall;
}

function noteOf(service: ServiceView | undefined): string {
  if (service === undefined) return 'unknown';
  const { word } = overallHealth(service);
  return service.p95_ms === null ? word : `${word}, p95 ${formatMs(service.p95_ms)}`;
}

function queueNote(live: LiveState | null): string {
  return live?.queue == null ? 'queue unknown' : `${formatCount(live.queue.depth)} waiting`;
}

const CHECK_TONES: Record<'up' | 'degraded' | 'down', Tone> = { up: 'ok', degraded: 'warn', down: 'bad' };

function checkTone(health: Health | null | undefined, name: string): Tone {
  const check = health?.checks[name];
  return check === undefined ? 'unknown' : CHECK_TONES[check.status];
}

function edgesOf(live: LiveState | null) {
  const [orders, stock] = live?.services ?? [];
  const orderHealth = orders?.health.error === null ? orders.health.value : null;
  const stockHealth = stock?.health.error === null ? stock.health.value : null;
  const breaker = worstBreaker(live?.breakers ?? []);
  const busy = (orders?.requests_per_second ?? 0) > 0;
  const callTone: Tone =
    breaker === null ? 'unknown' : breaker.state === 'open' ? 'bad' : breaker.state === 'half-open' ? 'warn' : 'ok';
  const edge = (tone: Tone, label: string, flowing = busy): Edge => ({
    tone,
    label,
    flowing: flowing && tone !== 'bad',
  });
  return {
    clients: edge(toneOf(orders), live?.average_ms == null ? '' : formatMs(live.average_ms)),
    call: edge(callTone, breaker === null ? 'breaker unknown' : `breaker ${breaker.state}`),
    orderDb: edge(checkTone(orderHealth, 'postgres'), ''),
    queue: edge(
      checkTone(orderHealth, 'redis'),
      (live?.queue?.depth ?? 0) > 0 ? 'queue' : '',
      (live?.queue?.depth ?? 0) > 0,
    ),
    stockDb: edge(checkTone(stockHealth, 'postgres'), '', (stock?.requests_per_second ?? 0) > 0),
  };
}

function Line({
  path,
  edge,
  labelAt,
  side = 'middle',
}: {
  path: string;
  edge: Edge;
  labelAt: [number, number];
  side?: 'start' | 'middle' | 'end';
}) {
  return (
    <g>
      <path
        className={edge.flowing ? 'flow' : ''}
        d={path}
        fill="none"
        stroke={STROKE[edge.tone]}
        strokeDasharray={edge.tone === 'bad' ? '2 5' : undefined}
        strokeWidth={2}
      />
      <text fill="var(--muted)" fontSize="12" textAnchor={side} x={labelAt[0]} y={labelAt[1]}>
        {edge.label}
      </text>
    </g>
  );
}

function Box(props: { x: number; y: number; width: number; label: string; note: string; tone: Tone }) {
  const { x, y, width, label, note, tone } = props;
  return (
    <g>
      <rect
        fill="var(--surface)"
        height="56"
        rx="9"
        stroke={STROKE[tone]}
        strokeWidth={tone === 'unknown' ? 1 : 1.8}
        width={width}
        x={x}
        y={y}
      />
      <text fill="var(--text)" fontSize="14" fontWeight="600" textAnchor="middle" x={x + width / 2} y={y + 24}>
        {label}
      </text>
      <text fill="var(--muted)" fontSize="12" textAnchor="middle" x={x + width / 2} y={y + 42}>
        {note}
      </text>
    </g>
  );
}

/** A mark over each service that has a fault in force. */
function ChaosMark({ live }: { live: LiveState | null }) {
  const chaos = live?.chaos.value;
  if (!chaos || chaos.halt.halted) return null;
  const mark = (service: string, x: number) => {
    const count = chaos.faults.filter((one) => one.service === service).length;
    if (count === 0) return null;
    return (
      <g key={service}>
        <rect fill="var(--warn-soft)" height="22" rx="11" width="86" x={x - 43} y="58" />
        <text fill="var(--warn)" fontSize="12" fontWeight="600" textAnchor="middle" x={x} y="73">
          {count} {count === 1 ? 'fault' : 'faults'}
        </text>
      </g>
    );
  };
  return (
    <>
      {mark('order-service', 300)}
      {mark('inventory-service', 640)}
    </>
  );
}

function describe(live: LiveState | null): string {
  if (live === null) return 'System diagram. No present data.';
  const services = live.services.map((one) => `${one.name} ${overallHealth(one).word}`);
  const breaker = worstBreaker(live.breakers)?.state ?? 'unknown';
  return `System diagram. ${services.join(', ')}. Breaker ${breaker}. ${queueNote(live)}.`;
}
