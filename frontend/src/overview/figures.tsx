import { formatMs, formatQueued, formatRate, formatShare } from '../browser/format.ts';
import { useFreshState, useLive } from '../browser/hooks.ts';
import type { LivePoint } from '../live/live-types.ts';
import { serviceWords } from '../live/services.ts';
import { Status } from '../ui/status.tsx';
import { CALLS } from './map-layout.ts';
import { breakerBetween, breakerTone } from './service-cards.tsx';

/** The seconds that a sparkline shows. */
const SHOWN = 120;

const ordersOf = ({ confirmed, queued, failed }: LivePoint): number | null =>
  confirmed === null || queued === null || failed === null ? null : confirmed + queued + failed;
const atOnceOf = ({ confirmed, queued }: LivePoint): number | null =>
  confirmed === null || queued === null || confirmed + queued === 0 ? null : confirmed / (confirmed + queued);

/** The figures an operator looks at first, each with its last two minutes. */
export function Figures() {
  const { points } = useLive();
  const live = useFreshState();
  const last = live === null ? undefined : points.at(-1);
  const recent = points.slice(-SHOWN);
  const share = live?.at_once?.accepted ? live.at_once.confirmed / live.at_once.accepted : null;
  return (
    <dl className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-5">
      <Figure name="orders per second" of={recent} series={ordersOf} value={formatRate(last ? ordersOf(last) : null)} />
      <Figure name="confirmed at once, 30 s" of={recent} series={atOnceOf} top={1} value={formatShare(share)} />
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
        value={formatQueued(live?.queue?.depth ?? null)}
      />
      <div className="card py-2">
        <dt className="text-[0.92rem] text-muted">circuit breakers</dt>
        <dd className="mt-1 flex flex-wrap gap-1">
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
      <dt className="text-[0.92rem] text-muted">{name}</dt>
      <dd className="flex items-end justify-between gap-3">
        <span className="whitespace-nowrap font-semibold text-[1.43rem]">{value}</span>
        <Sparkline top={top} values={of.map(series)} />
      </dd>
    </div>
  );
}

const WIDTH = 96;
const HEIGHT = 26;

/** A line without axes, with gaps where nothing is known. */
function Sparkline({ values, top }: { values: ReadonlyArray<number | null>; top: number | undefined }) {
  const most = top ?? Math.max(1, ...values.filter((value) => value !== null));
  const step = WIDTH / Math.max(1, SHOWN - 1);
  const start = WIDTH - (values.length - 1) * step;
  let isDrawing = false;
  const path = values.map((value, index) => {
    const wasDrawing = isDrawing;
    isDrawing = value !== null;
    if (value === null) return '';
    return `${wasDrawing ? 'L' : 'M'}${(start + index * step).toFixed(1)} ${(HEIGHT - 1 - (value / most) * (HEIGHT - 2)).toFixed(1)}`;
  });
  return (
    <svg
      aria-hidden="true"
      className="w-12 shrink-0 sm:w-24"
      height={HEIGHT}
      preserveAspectRatio="none"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    >
      <path d={path.join('')} fill="none" stroke="var(--accent)" strokeLinejoin="round" strokeWidth="1.4" />
    </svg>
  );
}
