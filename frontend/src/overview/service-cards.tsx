import type { ServiceKey } from '@valerix/system';
import { formatMs, formatQueued, formatRate, formatSeconds, formatShare, formatSpan } from '../browser/format.ts';
import { useFreshState, useLive } from '../browser/hooks.ts';
import type { BreakerView, LiveState, QueueView, ServiceView } from '../live/live-types.ts';
import { isInstalled, serviceTitle } from '../live/services.ts';
import { Card } from '../ui/card.tsx';
import { NothingReceived } from '../ui/nothing-received.tsx';
import { Fact, Loading } from '../ui/parts.tsx';
import { type Look, Status, type Tone } from '../ui/status.tsx';
import { Term } from '../ui/term.tsx';
import { BREAKER_TONES, breakerWords } from './breaker-words.ts';
import { errorTone, HEALTH_TONES, overallHealth, UNKNOWN } from './service-health.ts';

/** The health, dependencies, speed and errors of one service; nothing for one that is not installed. */
export function ServiceCard({ of: key }: { of: ServiceKey }) {
  const { state } = useLive();
  const service = useFreshState()?.services[key];
  const look = service === undefined ? UNKNOWN : overallHealth(service);
  if (!isInstalled(state, key)) return null;
  return (
    <Card aside={state === null ? null : <Status {...look} />} title={serviceTitle(key)}>
      {service === undefined ? null : <ServiceFacts service={service} />}
      {service === undefined && state === null ? <Loading rows={4} /> : null}
      {service === undefined && state !== null ? <NothingReceived>Not received.</NothingReceived> : null}
    </Card>
  );
}

function ServiceFacts({ service: { health: reading, replicas, ...traffic } }: { service: ServiceView }) {
  const health = reading.error === null ? reading.value : null;
  const errors = errorTone(traffic.error_rate);
  const share = formatShare(traffic.error_rate);
  const down = replicas.filter((one) => !one.up && one.error !== null);
  const checks = Object.entries(health?.checks ?? {}).filter(([check]) => check !== 'process');
  const up = replicas.length - down.length;
  return (
    <>
      <dl>
        <Fact name="p95, 30 s">{formatMs(traffic.p95_ms)}</Fact>
        <Fact name="errors, 30 s">
          {errors === 'warn' || errors === 'bad' ? <Status tone={errors} word={share} /> : share}
        </Fact>
        <Fact name="requests">{formatRate(traffic.requests_per_second)} /s</Fact>
        {replicas.length > 1 ? <Fact name="replicas up">{`${up} of ${replicas.length}`}</Fact> : null}
      </dl>
      <ul className="mt-2 space-y-1 border-line border-t pt-2">
        {down.map((one) => (
          <li className="text-bad" key={one.url}>{`${new URL(one.url).host}: ${one.error}`}</li>
        ))}
        {health === null && down.length === 0 ? <li className="text-muted">Health not received.</li> : null}
        {checks.map(([check, { status, detail }]) => (
          <li className="flex items-start justify-between gap-2" key={check}>
            <span>
              {check}
              {status === 'up' ? null : <span className="block text-muted">{detail}</span>}
            </span>
            <Status tone={HEALTH_TONES[status]} word={status} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** The colour of a breaker's state; unknown without one. */
export const breakerTone = (breaker: BreakerView | null): Tone =>
  breaker === null ? 'unknown' : BREAKER_TONES[breaker.state];

/** The circuit breaker between the services; the worst of several, with the number in the same state. */
export function BreakerCard() {
  const live = useFreshState();
  const breakers = live?.breakers ?? [];
  const worst = worstBreaker(breakers);
  if (worst === null) return <UnknownCard title="Circuit breaker" />;
  const { state, to, next_attempt_in_ms: next, seen_for_ms: seen } = worst;
  const alike = breakers.filter((one) => one.state === state).length;
  return (
    <Card
      aside={<Status tone={breakerTone(worst)} word={state} />}
      label="Circuit breaker"
      title={<Term word="breaker">Circuit breaker</Term>}
    >
      <p className="min-h-[3em] text-muted">{breakerWords(state, to, live?.services[to])}</p>
      <dl className="mt-1">
        <Fact name="next try in">{formatSpan(next === null ? null : next + 999)}</Fact>
        <Fact name="in this state for">{formatSpan(seen)}</Fact>
        {breakers.length > 1 ? <Fact name="replicas in this state">{`${alike} of ${breakers.length}`}</Fact> : null}
      </dl>
    </Card>
  );
}

/**
 * The worst breaker on the way from one service to another. `null` if the caller answers and reports none: then there is none. Undefined
 * while nothing is known of the caller.
 */
export function breakerBetween(
  live: LiveState | null,
  from: ServiceKey,
  to: ServiceKey,
): BreakerView | null | undefined {
  const worst = worstBreaker(live?.breakers.filter((one) => one.from === from && one.to === to) ?? []);
  return worst ?? (live?.services[from].replicas.some((one) => one.up) ? null : undefined);
}

export function worstBreaker(breakers: readonly BreakerView[]): BreakerView | null {
  const rank = { closed: 0, 'half-open': 1, open: 2 };
  return breakers.toSorted((a, b) => rank[b.state] - rank[a.state])[0] ?? null;
}

export function queueTone(queue: QueueView | null): Look {
  if (queue === null) return UNKNOWN;
  if ((queue.dead_lettered ?? 0) > 0) return { tone: 'bad', word: 'dead letters' };
  if (queue.depth > 0) return { tone: 'warn', word: 'waiting' };
  return queue.dead_lettered === null ? UNKNOWN : { tone: 'ok', word: 'empty' };
}

/** The orders that are accepted but not settled. */
export function QueueCard() {
  const queue = useFreshState()?.queue ?? null;
  if (queue === null) return <UnknownCard title="Queue" />;
  return (
    <Card aside={<Status {...queueTone(queue)} />} title="Queue">
      <dl>
        <Fact name="orders waiting">
          <strong>{formatQueued(queue.depth)}</strong>
        </Fact>
        <Fact name="oldest">{formatSeconds(queue.depth === 0 ? null : queue.oldest_age_seconds)}</Fact>
        <Fact name={<Term word="dead letter">dead letters</Term>}>{formatQueued(queue.dead_lettered)}</Fact>
      </dl>
    </Card>
  );
}

function UnknownCard({ title }: { title: string }) {
  return (
    <Card aside={<Status {...UNKNOWN} />} title={title}>
      <NothingReceived>Not received from the order service.</NothingReceived>
    </Card>
  );
}
