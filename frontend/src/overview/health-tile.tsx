import { formatMs, formatShare, plural } from '../browser/format.ts';
import { useFresh } from '../browser/hooks.ts';
import { CRITICAL_ABOVE_MS, SLOW_ABOVE_MS } from '../live/average-response-time.ts';
import type { AtOnce, LiveState } from '../live/live-types.ts';
import { Card } from '../ui/card.tsx';
import { Status, type Tone } from '../ui/status.tsx';
import { errorTone, tileLevel } from './service-health.ts';

const LOOK: Record<ReturnType<typeof tileLevel>, { tone: Tone; word: string }> = {
  ok: { tone: 'ok', word: 'Green: fast' },
  slow: { tone: 'warn', word: 'Amber: slow' },
  critical: { tone: 'bad', word: 'Red: failing users' },
  failing: { tone: 'bad', word: 'Red: requests fail' },
  unknown: { tone: 'unknown', word: 'Unknown' },
};

const shownOf = ({ services: { order }, average_ms, average_requests, at_once }: LiveState) => ({
  answers: order.replicas.some((one) => one.up),
  average: average_ms,
  requests: average_requests,
  errorRate: order.error_rate,
  atOnce: at_once,
});

/**
 * The order service's average response time over 30 s, on a scale with both limits. Never green while many requests fail. Beside it stands
 * what share of the accepted orders was confirmed at once, because queueing is fast too.
 */
export function HealthTile() {
  const state = useFresh(shownOf);
  const { answers = false, average = null, errorRate = null } = state ?? {};
  const errors = errorTone(errorRate);
  const level = tileLevel(average, errorRate);
  const { tone, word } = LOOK[level];
  return (
    <Card aside={<Status tone={tone} word={word} />} data-level={level} edge={tone} title="Response time">
      <div className="mt-2 flex items-end justify-between gap-3">
        <p
          className="whitespace-nowrap font-semibold text-2xl leading-none"
          style={{ color: `var(--${tone === 'ok' ? 'text' : tone})` }}
        >
          {formatMs(average)}
        </p>
        <ConfirmedAtOnce atOnce={state?.atOnce ?? null} />
      </div>
      <Scale average={average} />
      <p className="mt-2 text-sm text-muted">
        {average === null
          ? whyUnknown(state !== null, answers)
          : `Order service, average of ${plural(state?.requests ?? 0, 'request')} in the last 30\u00a0s.`}
        {average !== null && (errors === 'warn' || errors === 'bad') ? ` ${formatShare(errorRate)} failed.` : null}
      </p>
    </Card>
  );
}

/** Below this share most customers wait for the worker. */
const FEW_AT_ONCE = 0.9;

function ConfirmedAtOnce({ atOnce }: { atOnce: AtOnce | null }) {
  const share = atOnce === null || atOnce.accepted === 0 ? null : atOnce.confirmed / atOnce.accepted;
  const isFew = share !== null && share < FEW_AT_ONCE;
  return (
    <p className="text-right text-sm text-muted" data-at-once={share ?? 'unknown'}>
      <span className={`block font-medium text-lg ${isFew ? 'text-warn' : 'text-text'}`}>{formatShare(share)}</span>
      confirmed at once
    </p>
  );
}

function whyUnknown(heard: boolean, answers: boolean): string {
  if (!heard) return 'No current data from the dashboard server.';
  return answers ? 'No request ended in the last 30 s.' : 'The order service does not answer.';
}

const SCALE_MS = 2_000;

function Scale({ average }: { average: number | null }) {
  const at = (ms: number) => `${Math.min(100, (ms / SCALE_MS) * 100)}%`;
  return (
    <div aria-hidden="true" className="mt-3">
      <div className="relative h-2 overflow-hidden rounded-full bg-raised">
        <div className="absolute inset-y-0 left-0 bg-ok opacity-35" style={{ width: at(SLOW_ABOVE_MS) }} />
        <div
          className="absolute inset-y-0 bg-warn opacity-35"
          style={{ left: at(SLOW_ABOVE_MS), width: at(CRITICAL_ABOVE_MS - SLOW_ABOVE_MS) }}
        />
        <div className="absolute inset-y-0 right-0 bg-bad opacity-35" style={{ left: at(CRITICAL_ABOVE_MS) }} />
        {average === null ? null : (
          <div
            className="absolute inset-y-0 w-1 rounded bg-text"
            style={{ left: `min(calc(100% - 4px), ${at(average)})` }}
          />
        )}
      </div>
      <div className="relative h-4 text-xs text-muted">
        <span className="absolute -translate-x-1/2" style={{ left: at(SLOW_ABOVE_MS) }}>
          500 ms
        </span>
        <span className="absolute -translate-x-1/2" style={{ left: at(CRITICAL_ABOVE_MS) }}>
          1 s
        </span>
      </div>
    </div>
  );
}
