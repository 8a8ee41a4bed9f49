'use client';

import type { ChaosState, Health } from '@valerix/contracts';
import { formatCount, formatMs, formatRate } from '../browser/format.ts';
import { useFreshChaos, useFreshState } from '../browser/hooks.ts';
import type { LiveState, ServiceView } from '../live/live-types.ts';
import type { Tone } from '../ui/status.tsx';
import { worstBreaker } from './service-cards.tsx';
import { HEALTH_TONES, overallHealth } from './service-health.ts';

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

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}
interface Path {
  readonly d: string;
  readonly label: readonly [number, number];
  readonly side: 'start' | 'middle' | 'end';
}
interface Layout {
  readonly viewBox: string;
  readonly boxes: Record<'clients' | 'orders' | 'stock' | 'orderDb' | 'redis' | 'stockDb', Place>;
  readonly paths: Record<'clients' | 'call' | 'orderDb' | 'queue' | 'stockDb', Path>;
}

const WIDE: Layout = {
  viewBox: '0 40 760 262',
  boxes: {
    clients: { x: 12, y: 92, width: 92 },
    orders: { x: 218, y: 92, width: 164 },
    stock: { x: 558, y: 92, width: 164 },
    orderDb: { x: 205, y: 236, width: 130 },
    redis: { x: 375, y: 236, width: 130 },
    stockDb: { x: 575, y: 236, width: 130 },
  },
  paths: {
    clients: { d: 'M104 120 H218', label: [161, 110], side: 'middle' },
    call: { d: 'M382 120 H558', label: [470, 110], side: 'middle' },
    orderDb: { d: 'M270 148 V236', label: [262, 200], side: 'end' },
    queue: { d: 'M338 148 C338 190 440 190 440 236', label: [420, 184], side: 'start' },
    stockDb: { d: 'M640 148 V236', label: [650, 200], side: 'start' },
  },
};

const NARROW: Layout = {
  viewBox: '0 0 360 470',
  boxes: {
    clients: { x: 134, y: 6, width: 92 },
    orders: { x: 98, y: 122, width: 164 },
    stock: { x: 98, y: 280, width: 164 },
    orderDb: { x: 6, y: 200, width: 100 },
    redis: { x: 254, y: 200, width: 100 },
    stockDb: { x: 115, y: 408, width: 130 },
  },
  paths: {
    clients: { d: 'M180 62 V122', label: [190, 84], side: 'start' },
    call: { d: 'M180 178 V280', label: [180, 268], side: 'middle' },
    orderDb: { d: 'M120 178 C120 190 56 184 56 200', label: [56, 194], side: 'middle' },
    queue: { d: 'M240 178 C240 190 304 184 304 200', label: [304, 194], side: 'middle' },
    stockDb: { d: 'M180 336 V408', label: [190, 376], side: 'start' },
  },
};

/** The system as it runs now: who talks to whom, and how that goes. */
export function SystemMap() {
  const live = useFreshState();
  const chaos = useFreshChaos();
  return (
    <section aria-label="System" className="card">
      <h2 className="mb-2">System</h2>
      <div className="hidden sm:block">
        <Drawing chaos={chaos} layout={WIDE} live={live} />
      </div>
      <div className="sm:hidden">
        <Drawing chaos={chaos} layout={NARROW} live={live} />
      </div>
    </section>
  );
}

function Drawing({ layout, live, chaos }: { layout: Layout; live: LiveState | null; chaos: ChaosState | null }) {
  const { boxes, paths } = layout;
  const orders = live?.services[0];
  const stock = live?.services[1];
  const edges = edgesOf(live);
  const clients = `${formatRate(orders?.requests_per_second ?? null)} /s`;
  return (
    <svg className="mx-auto block max-w-[860px]" role="img" viewBox={layout.viewBox} width="100%">
      <title>{describe(live)}</title>
      <Line edge={edges.clients} path={paths.clients} />
      <Line edge={edges.call} path={paths.call} />
      <Line edge={edges.orderDb} path={paths.orderDb} />
      <Line edge={edges.queue} path={paths.queue} />
      <Line edge={edges.stockDb} path={paths.stockDb} />
      <Box label="Clients" note={clients} place={boxes.clients} tone="unknown" />
      <Box label="Order service" note={noteOf(orders)} place={boxes.orders} tone={toneOf(orders)} />
      <Box label="Inventory service" note={noteOf(stock)} place={boxes.stock} tone={toneOf(stock)} />
      <Box label="PostgreSQL" note="orders" place={boxes.orderDb} tone={edges.orderDb.tone} />
      <Box label="Redis" note={queueNote(live)} place={boxes.redis} tone={edges.queue.tone} />
      <Box label="PostgreSQL" note="stock" place={boxes.stockDb} tone={edges.stockDb.tone} />
      <FaultMark chaos={chaos} place={boxes.orders} service="order-service" />
      <FaultMark chaos={chaos} place={boxes.stock} service="inventory-service" />
    </svg>
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

function checkTone(health: Health | null | undefined, name: string): Tone {
  const check = health?.checks[name];
  return check === undefined ? 'unknown' : HEALTH_TONES[check.status];
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

function Line({ path, edge }: { path: Path; edge: Edge }) {
  return (
    <g>
      <path
        className={edge.flowing ? 'flow' : ''}
        d={path.d}
        fill="none"
        stroke={STROKE[edge.tone]}
        strokeDasharray={edge.tone === 'bad' ? '2 5' : undefined}
        strokeWidth={2}
      />
      <text
        fill="var(--muted)"
        fontSize="12"
        paintOrder="stroke"
        stroke="var(--surface)"
        strokeWidth={6}
        textAnchor={path.side}
        x={path.label[0]}
        y={path.label[1]}
      >
        {edge.label}
      </text>
    </g>
  );
}

function Box({ place, label, note, tone }: { place: Place; label: string; note: string; tone: Tone }) {
  const middle = place.x + place.width / 2;
  return (
    <g>
      <rect
        fill="var(--surface)"
        height="56"
        rx="9"
        stroke={STROKE[tone]}
        strokeWidth={tone === 'unknown' ? 1 : 1.8}
        width={place.width}
        x={place.x}
        y={place.y}
      />
      <text fill="var(--text)" fontSize="14" fontWeight="600" textAnchor="middle" x={middle} y={place.y + 24}>
        {label}
      </text>
      <text fill="var(--muted)" fontSize="12" textAnchor="middle" x={middle} y={place.y + 42}>
        {note}
      </text>
    </g>
  );
}

/** A mark on a service that has a fault in force. */
function FaultMark({ chaos, place, service }: { chaos: ChaosState | null; place: Place; service: string }) {
  if (chaos === null || chaos.halt.halted) return null;
  const count = chaos.faults.filter((one) => one.service === service).length;
  if (count === 0) return null;
  const x = place.x + place.width - 30;
  return (
    <g>
      <rect fill="var(--warn-soft)" height="22" rx="11" stroke="var(--warn)" width="74" x={x - 37} y={place.y - 15} />
      <text fill="var(--warn)" fontSize="12" fontWeight="600" textAnchor="middle" x={x} y={place.y}>
        {count} {count === 1 ? 'fault' : 'faults'}
      </text>
    </g>
  );
}

function describe(live: LiveState | null): string {
  if (live === null) return 'System diagram. No present data.';
  const services = live.services.map((one) => `${one.name} ${overallHealth(one).word}`);
  const breaker = worstBreaker(live.breakers)?.state ?? 'unknown';
  return `System diagram. ${services.join(', ')}. Breaker ${breaker}. ${queueNote(live)}.`;
}
