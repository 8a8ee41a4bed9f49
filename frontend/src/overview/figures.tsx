import { perService } from '@valerix/system';
import { formatMs, formatQueued, formatRate, formatShare } from '../browser/format.ts';
import { useFresh, useLiveOf } from '../browser/hooks.ts';
import type { Live } from '../browser/live-store.ts';
import type { LivePoint, LiveState } from '../live/live-types.ts';
import { serviceWords } from '../live/services.ts';
import { Sparkline } from '../ui/sparkline.tsx';
import { Status } from '../ui/status.tsx';
import { CALLS } from './map-layout.ts';
import { breakerBetween, breakerTone } from './service-cards.tsx';

/** The seconds that a sparkline shows. */
const SHOWN = 120;

const ordersOf = ({ confirmed, queued, failed }: LivePoint): number | null =>
  confirmed === null || queued === null || failed === null ? null : confirmed + queued + failed;
const atOnceOf = ({ confirmed, queued }: LivePoint): number | null =>
  confirmed === null || queued === null || confirmed + queued === 0 ? null : confirmed / (confirmed + queued);

const pointsOf = ({ points }: Live) => points;
const shownOf = ({ services, breakers, queue, at_once }: LiveState) => ({
  services: perService((key) => ({ replicas: services[key].replicas })),
  breakers: breakers.map(({ from, to, state }) => ({ from, to, state })),
  waiting: queue?.depth ?? null,
  atOnce: at_once,
});

/** The figures an operator looks at first, each with its last two minutes. */
export function Figures() {
  const points = useLiveOf(pointsOf);
  const live = useFresh(shownOf);
  const last = live === null ? undefined : points.at(-1);
  const recent = points.slice(-SHOWN);
  const share = live?.atOnce?.accepted ? live.atOnce.confirmed / live.atOnce.accepted : null;
  return (
    <dl className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-5">
      <Figure name="orders per second" of={recent} series={ordersOf} value={formatRate(last ? ordersOf(last) : null)} />
      <Figure name="confirmed at once, 30 s" of={recent} series={atOnceOf} top={1} value={formatShare(share)} />
      <Figure
        name="response time, p95"
        of={recent}
        series={({ p95_ms }) => p95_ms}
        value={formatMs(last?.p95_ms ?? null)}
      />
      <Figure
        name="waiting in the queue"
        of={recent}
        series={({ queue }) => queue}
        value={formatQueued(live?.waiting ?? null)}
      />
      <div className="card col-span-2 py-2 xl:col-span-1">
        <dt className="text-sm text-muted">circuit breakers</dt>
        <dd className="mt-1 flex min-h-12 flex-wrap content-start gap-1">
          {CALLS.map(({ from, to }) => {
            const breaker = breakerBetween(live, from, to);
            if (breaker === null) return null;
            const name = serviceWords(to).replace(' service', '');
            const word = `${name}: ${breaker?.state ?? 'unknown'}`;
            return <Status key={`${from}${to}`} tone={breakerTone(breaker ?? null)} word={word} />;
          })}
        </dd>
      </div>
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly of: readonly LivePoint[];
  readonly series: (point: LivePoint) => number | null;
  /** The top of the sparkline; by default its highest value. */
  readonly top?: number;
}

function Figure({ name, value, of, series, top }: FigureProps) {
  return (
    <div className="card flex flex-col py-2">
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="flex items-end justify-between gap-3">
        <span className="whitespace-nowrap font-semibold text-xl">{value}</span>
        <Sparkline room={SHOWN} top={top} values={of.map(series)} />
      </dd>
    </div>
  );
}
