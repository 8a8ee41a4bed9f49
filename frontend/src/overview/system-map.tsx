'use client';

import type { ChaosState } from '@valerix/contracts';
import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { formatCount, formatMs, formatRate, plural } from '../browser/format.ts';
import { useFreshChaos, useFreshState } from '../browser/hooks.ts';
import type { LiveState, ServiceView } from '../live/live-types.ts';
import { SHOWN_SERVICES, serviceTitle } from '../live/services.ts';
import { Card } from '../ui/card.tsx';
import type { Tone } from '../ui/status.tsx';
import {
  BOX_HEIGHT,
  CALLS,
  ENTRIES,
  type Layout,
  NARROW,
  type Path,
  type Place,
  pathBetween,
  WIDE,
} from './map-layout.ts';
import { breakerTone, worstBreaker } from './service-cards.tsx';
import { HEALTH_TONES, overallHealth } from './service-health.ts';

const STROKE: Record<Tone, string> = {
  ok: 'var(--ok)',
  warn: 'var(--warn)',
  bad: 'var(--bad)',
  info: 'var(--info)',
  unknown: 'var(--line-strong)',
};

/** The system as it runs now: who talks to whom, and how that goes. */
export function SystemMap() {
  const live = useFreshState();
  const chaos = useFreshChaos();
  return (
    <Card title="System">
      <div className="hidden sm:block">
        <Drawing chaos={chaos} layout={WIDE} live={live} />
      </div>
      <div className="sm:hidden">
        <Drawing chaos={chaos} layout={NARROW} live={live} />
      </div>
    </Card>
  );
}

function Drawing({ layout, live, chaos }: { layout: Layout; live: LiveState | null; chaos: ChaosState | null }) {
  const { services, databases } = layout;
  const waiting = live?.queue?.depth ?? 0;
  const redis = checkTone(live, 'order', 'redis');
  return (
    <svg className="mx-auto block max-w-[860px]" role="img" viewBox={layout.viewBox} width="100%">
      <title>{describe(live)}</title>
      {ENTRIES.map((key) => (
        <Line
          flowing={isBusy(live, key)}
          key={key}
          label={key === 'order' && live?.average_ms != null ? formatMs(live.average_ms) : ''}
          path={pathBetween(layout.clients, services[key])}
          tone={toneOf(live?.services[key])}
        />
      ))}
      {CALLS.map(({ from, to }) => (
        <Call from={from} key={`${from} ${to}`} layout={layout} live={live} to={to} />
      ))}
      {SERVICE_KEYS.map((key) => (
        <Line
          flowing={isBusy(live, key)}
          key={key}
          label=""
          path={pathBetween(services[key], databases[key])}
          tone={checkTone(live, key, 'postgres')}
        />
      ))}
      <Line
        flowing={waiting > 0}
        label={waiting > 0 ? 'queue' : ''}
        path={pathBetween(services.order, layout.redis)}
        tone={redis}
      />
      <Box label="Clients" note={`${formatRate(requestsOf(live))} /s`} place={layout.clients} tone="unknown" />
      {SERVICE_KEYS.map((key) => (
        <ServiceBoxes chaos={chaos} key={key} layout={layout} live={live} of={key} />
      ))}
      <Box label="Redis" note={queueNote(live)} place={layout.redis} tone={redis} />
    </svg>
  );
}

function Call({
  live,
  layout,
  from,
  to,
}: {
  live: LiveState | null;
  layout: Layout;
  from: ServiceKey;
  to: ServiceKey;
}) {
  const breaker = worstBreaker(live?.breakers.filter((one) => one.from === from && one.to === to) ?? []);
  return (
    <Line
      flowing={isBusy(live, from)}
      label={`breaker ${breaker?.state ?? 'unknown'}`}
      path={pathBetween(layout.services[from], layout.services[to])}
      tone={breakerTone(breaker)}
    />
  );
}

interface ServiceProps {
  readonly of: ServiceKey;
  readonly live: LiveState | null;
  readonly chaos: ChaosState | null;
  readonly layout: Layout;
}

function ServiceBoxes({ of: key, live, chaos, layout }: ServiceProps) {
  const service = live?.services[key];
  const store = declaration(key).database.replace(/_db$/, '');
  return (
    <>
      <Box label={serviceTitle(key)} note={noteOf(service)} place={layout.services[key]} tone={toneOf(service)} />
      <Box label="PostgreSQL" note={store} place={layout.databases[key]} tone={checkTone(live, key, 'postgres')} />
      <FaultMark chaos={chaos} of={key} place={layout.services[key]} />
    </>
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

/** Requests per second of the clients; unknown when no service they call says a number. */
function requestsOf(live: LiveState | null): number | null {
  const known = ENTRIES.map((key) => live?.services[key].requests_per_second ?? null).filter((one) => one !== null);
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0);
}

const isBusy = (live: LiveState | null, key: ServiceKey): boolean => (live?.services[key].requests_per_second ?? 0) > 0;

function checkTone(live: LiveState | null, key: ServiceKey, name: string): Tone {
  const { value = null, error = null } = live?.services[key].health ?? {};
  const check = error === null ? value?.checks[name] : undefined;
  return check === undefined ? 'unknown' : HEALTH_TONES[check.status];
}

interface LineProps {
  readonly path: Path;
  readonly tone: Tone;
  readonly label: string;
  /** Something goes along it; not shown where it is broken. */
  readonly flowing: boolean;
}

function Line({ path, tone, label, flowing }: LineProps) {
  return (
    <g>
      <path
        className={flowing && tone !== 'bad' ? 'flow' : ''}
        d={path.d}
        fill="none"
        stroke={STROKE[tone]}
        strokeDasharray={tone === 'bad' ? '2 5' : undefined}
        strokeWidth={2}
      />
      <text
        fill="var(--muted)"
        fontSize="12"
        paintOrder="stroke"
        stroke="var(--surface)"
        strokeWidth={6}
        textAnchor="middle"
        x={path.label[0]}
        y={path.label[1]}
      >
        {label}
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
        height={BOX_HEIGHT}
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
function FaultMark({ chaos, place, of: key }: { chaos: ChaosState | null; place: Place; of: ServiceKey }) {
  if (chaos === null || chaos.halt.halted) return null;
  const count = chaos.faults.filter((one) => one.service === declaration(key).name).length;
  if (count === 0) return null;
  const x = place.x + place.width - 30;
  return (
    <g>
      <rect fill="var(--warn-soft)" height="22" rx="11" stroke="var(--warn)" width="74" x={x - 37} y={place.y - 15} />
      <text fill="var(--warn)" fontSize="12" fontWeight="600" textAnchor="middle" x={x} y={place.y}>
        {plural(count, 'fault')}
      </text>
    </g>
  );
}

function describe(live: LiveState | null): string {
  if (live === null) return 'System diagram. No present data.';
  const services = SHOWN_SERVICES.map((key) => `${serviceTitle(key)} ${overallHealth(live.services[key]).word}`);
  const breaker = worstBreaker(live.breakers)?.state ?? 'unknown';
  return `System diagram. ${services.join(', ')}. Breaker ${breaker}. ${queueNote(live)}.`;
}
