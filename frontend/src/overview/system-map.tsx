import { declaration, perService, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { formatMs, formatQueued, formatRate, plural } from '../browser/format.ts';
import { knownChaos, useFresh, useLiveOf } from '../browser/hooks.ts';
import type { LiveState } from '../live/live-types.ts';
import { isInstalled, SHOWN_SERVICES, serviceTitle } from '../live/services.ts';
import { Card } from '../ui/card.tsx';
import { strokeOf, type Tone, UNKNOWN } from '../ui/status.tsx';
import * as map from './map-layout.ts';
import { breakerBetween, breakerTone, shownService, worstBreaker } from './service-cards.tsx';
import { HEALTH_TONES, overallHealth } from './service-health.ts';

/** The services, their calls and their stores, each in the colour of its state. */
export function SystemMap() {
  const live = useFresh(pictureOf);
  const shown = useLiveOf(({ state }) => SERVICE_KEYS.filter((key) => isInstalled(state, key)));
  return (
    <Card title="System">
      <div className="hidden sm:block">
        <Drawing layout={map.WIDE} live={live} shown={shown} />
      </div>
      <div className="sm:hidden">
        <Drawing layout={map.NARROW} live={live} shown={shown} />
      </div>
      <p className="mt-1 text-sm text-muted">
        A thick line carries requests now. Its colour is the state of what it leads to: green works, amber is impaired,
        red and dotted is broken, grey is unknown.
      </p>
    </Card>
  );
}

/** What the map shows, and no more: it is drawn again only when this has changed. */
function pictureOf(state: LiveState) {
  const chaos = knownChaos(state);
  const faults = chaos === null || chaos.halt.halted ? [] : chaos.faults;
  return {
    services: perService((key) => shownService(state.services[key])),
    breakers: state.breakers.map(({ from, to, state: now }) => ({ from, to, state: now })),
    waiting: state.queue?.depth ?? null,
    average_ms: state.average_ms,
    faults: perService((key) => faults.filter((one) => one.service === declaration(key).name).length),
  };
}
type Picture = ReturnType<typeof pictureOf> | null;

type DrawingProps = Readonly<{
  layout: map.Layout;
  live: Picture;
  /** The services of the installation. */
  shown: readonly ServiceKey[];
}>;

function Drawing({ layout, live, shown }: DrawingProps) {
  const isShown = (key: ServiceKey) => shown.includes(key);
  const { services, databases, clients, redis } = layout;
  const healthOf = (key: ServiceKey) => (live === null ? UNKNOWN : overallHealth(live.services[key]));
  const isBusy = (key: ServiceKey) => (live?.services[key].requests_per_second ?? 0) > 0;
  const calls = map.CALLS.filter(({ from, to }) => isShown(from) && isShown(to)).map(({ from, to }) => ({
    path: map.pathBetween(services[from], services[to]),
    to,
    breaker: breakerBetween(live, from, to),
  }));
  const waiting = live?.waiting ?? 0;
  const redisTone = checkTone(live, 'order', 'redis');
  return (
    <svg className="mx-auto block max-w-[860px]" role="img" viewBox={layout.viewBox} width="100%">
      <title>{describe(live, shown)}</title>
      {map.ENTRIES.filter(isShown).map((key) => (
        <Line
          flowing={isBusy(key)}
          key={key}
          label={key === 'order' && live?.average_ms != null ? formatMs(live.average_ms) : ''}
          path={map.pathBetween(clients, services[key])}
          tone={healthOf(key).tone}
        />
      ))}
      {calls.map(({ path, to, breaker }) => (
        <Line
          flowing={isBusy(to)}
          key={path.d}
          label={breaker === null ? '' : `breaker ${breaker?.state ?? 'unknown'}`}
          path={path}
          tone={breaker === null ? healthOf(to).tone : breakerTone(breaker ?? null)}
        />
      ))}
      {shown.map((key) => {
        const path = map.pathBetween(services[key], databases[key]);
        return <Line flowing={isBusy(key)} key={key} path={path} tone={checkTone(live, key, 'postgres')} />;
      })}
      <Line
        flowing={waiting > 0}
        label={waiting > 0 ? 'queue' : ''}
        path={map.pathBetween(services.order, redis)}
        tone={redisTone}
      />
      <Box label="Clients" note={`${formatRate(requestsOf(live))} /s`} place={clients} tone="unknown" />
      {shown.map((key) => {
        const { tone, word } = healthOf(key);
        const p95 = live?.services[key].p95_ms ?? null;
        const note = p95 === null ? word : `${word}, p95 ${formatMs(p95)}`;
        const store = declaration(key).database.replace(/_db$/, '');
        return (
          <g key={key}>
            <Box label={serviceTitle(key)} note={note} place={services[key]} tone={tone} />
            <Box label="PostgreSQL" note={store} place={databases[key]} tone={checkTone(live, key, 'postgres')} />
            <FaultMark count={live?.faults[key] ?? 0} place={services[key]} />
          </g>
        );
      })}
      <Box label="Redis" note={queueNote(live)} place={redis} tone={redisTone} />
    </svg>
  );
}

const queueNote = (live: Picture): string =>
  live?.waiting == null ? 'queue unknown' : `${formatQueued(live.waiting)} waiting`;

/** The clients' requests per second; unknown if no service that they call reports a number. */
function requestsOf(live: Picture): number | null {
  const known = map.ENTRIES.map((key) => live?.services[key].requests_per_second ?? null).filter((one) => one !== null);
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0);
}

function checkTone(live: Picture, key: ServiceKey, name: string): Tone {
  const { value = null, error = null } = live?.services[key].health ?? {};
  const check = error === null ? value?.checks.find((one) => one.name === name) : undefined;
  return check === undefined ? 'unknown' : HEALTH_TONES[check.status];
}

interface LineProps {
  readonly path: map.Path;
  readonly tone: Tone;
  readonly label?: string;
  /** Whether traffic is shown on the line; never on a broken one. */
  readonly flowing: boolean;
}

function Line({ path, tone, label = '', flowing }: LineProps) {
  const bad = tone === 'bad';
  const [x, y] = path.label;
  const halo = { paintOrder: 'stroke', stroke: 'var(--surface)', strokeWidth: 6 };
  return (
    <g>
      <path
        d={path.d}
        fill="none"
        stroke={strokeOf(tone)}
        strokeDasharray={bad ? '2 5' : undefined}
        strokeWidth={flowing && !bad ? 3.5 : 1.5}
      />
      <text fill="var(--muted)" fontSize="12" textAnchor="middle" x={x} y={y} {...halo}>
        {label}
      </text>
    </g>
  );
}

function Box({ place, label, note, tone }: { place: map.Place; label: string; note: string; tone: Tone }) {
  const { x, y, width } = place;
  const middle = { textAnchor: 'middle', x: x + width / 2 } as const;
  const border = { stroke: strokeOf(tone), strokeWidth: tone === 'unknown' ? 1 : 1.8 };
  return (
    <g>
      <rect fill="var(--surface)" height={map.BOX_HEIGHT} rx="9" width={width} x={x} y={y} {...border} />
      <text fill="var(--text)" fontSize={width < 90 ? 12.5 : 14} fontWeight="600" y={y + 24} {...middle}>
        {label}
      </text>
      <text fill="var(--muted)" fontSize="12" y={y + 42} {...middle}>
        {note}
      </text>
    </g>
  );
}

/** Marks a service that has active faults. */
function FaultMark({ count, place }: { count: number; place: map.Place }) {
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

function describe(live: Picture, shown: readonly ServiceKey[]): string {
  if (live === null) return 'System diagram. No current data.';
  const services = SHOWN_SERVICES.filter((key) => shown.includes(key)).map(
    (key) => `${serviceTitle(key)} ${overallHealth(live.services[key]).word}`,
  );
  const breaker = worstBreaker(live.breakers)?.state ?? 'unknown';
  return `System diagram. ${services.join(', ')}. Breaker ${breaker}. ${queueNote(live)}.`;
}
