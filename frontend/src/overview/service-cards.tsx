'use client';

import type { ServiceKey } from '@valerix/system';
import { formatCount, formatMs, formatRate, formatShare, formatSpan } from '../browser/format.ts';
import { useFreshState, useLive } from '../browser/hooks.ts';
import type { BreakerView, QueueView, ServiceView } from '../live/live-types.ts';
import { serviceTitle, serviceWords } from '../live/services.ts';
import { Card } from '../ui/card.tsx';
import { NothingReceived } from '../ui/nothing-received.tsx';
import { Fact, Loading } from '../ui/parts.tsx';
import { Status, type Tone } from '../ui/status.tsx';
import { errorTone, HEALTH_TONES, overallHealth, UNKNOWN } from './service-health.ts';

/** One service: is it up, what it depends on and what is wrong with that, how fast and how often it fails. */
export function ServiceCard({ of: key }: { of: ServiceKey }) {
  const { state } = useLive();
  const service = useFreshState()?.services[key];
  const { overall, word } = service === undefined ? UNKNOWN : overallHealth(service);
  return (
    <Card aside={state === null ? null : <Status tone={overall}>{word}</Status>} title={serviceTitle(key)}>
      {service === undefined ? null : <ServiceFacts service={service} />}
      {service === undefined && state === null ? <Loading rows={4} /> : null}
      {service === undefined && state !== null ? <NothingReceived>Not received.</NothingReceived> : null}
    </Card>
  );
}

function ServiceFacts({ service }: { service: ServiceView }) {
  const health = service.health.error === null ? service.health.value : null;
  const errors = errorTone(service.error_rate);
  const share = formatShare(service.error_rate);
  const down = service.replicas.filter((one) => !one.up && one.error !== null);
  const checks = Object.entries(health?.checks ?? {}).filter(([check]) => check !== 'process');
  return (
    <>
      <dl>
        <Fact name="p95, 30 s">{formatMs(service.p95_ms)}</Fact>
        <Fact name="errors, 30 s">
          {errors === 'warn' || errors === 'bad' ? <Status tone={errors}>{share}</Status> : share}
        </Fact>
        <Fact name="requests">{formatRate(service.requests_per_second)} /s</Fact>
        {service.replicas.length > 1 ? (
          <Fact name="replicas up">
            {service.replicas.length - down.length} of {service.replicas.length}
          </Fact>
        ) : null}
      </dl>
      <ul className="mt-2 space-y-1 border-line border-t pt-2">
        {down.map((one) => (
          <li className="text-bad" key={one.url}>
            {new URL(one.url).host}: {one.error}
          </li>
        ))}
        {health === null && down.length === 0 ? <li className="text-muted">Health not received.</li> : null}
        {checks.map(([check, result]) => (
          <li className="flex items-start justify-between gap-2" key={check}>
            <span>
              {check}
              {result.status === 'up' ? null : <span className="block text-muted">{result.detail}</span>}
            </span>
            <Status tone={HEALTH_TONES[result.status]}>{result.status}</Status>
          </li>
        ))}
      </ul>
    </>
  );
}

const BREAKER_LOOK: Record<BreakerView['state'], { tone: Tone; says: (called: string) => string }> = {
  closed: { tone: 'ok', says: (called) => `Calls to the ${called} go through.` },
  open: { tone: 'bad', says: (called) => `The ${called} is not called; orders are queued instead.` },
  'half-open': { tone: 'warn', says: (called) => `One call is tried to see if the ${called} is back.` },
};

/** The colour of a breaker's state; unknown without one. */
export const breakerTone = (breaker: BreakerView | null): Tone =>
  breaker === null ? 'unknown' : BREAKER_LOOK[breaker.state].tone;

/** The circuit breaker between the services; with several of them, the worst one and how many share its state. */
export function BreakerCard() {
  const breakers = useFreshState()?.breakers ?? [];
  const worst = worstBreaker(breakers);
  return (
    <Card aside={<Status tone={breakerTone(worst)}>{worst?.state ?? 'unknown'}</Status>} title="Circuit breaker">
      {worst === null ? (
        <NothingReceived>Not received from the order service.</NothingReceived>
      ) : (
        <>
          <p className="text-muted">{BREAKER_LOOK[worst.state].says(serviceWords(worst.to))}</p>
          <dl className="mt-1">
            {worst.next_attempt_in_ms === null ? null : (
              <Fact name="next try in">{formatSpan(worst.next_attempt_in_ms + 999)}</Fact>
            )}
            {worst.seen_for_ms === null ? null : (
              <Fact name={`${worst.state} for`}>{formatSpan(worst.seen_for_ms)}</Fact>
            )}
            {breakers.length > 1 ? (
              <Fact name="replicas so">
                {breakers.filter((one) => one.state === worst.state).length} of {breakers.length}
              </Fact>
            ) : null}
          </dl>
        </>
      )}
    </Card>
  );
}

export function worstBreaker(breakers: readonly BreakerView[]): BreakerView | null {
  const rank = { closed: 0, 'half-open': 1, open: 2 };
  return [...breakers].sort((a, b) => rank[b.state] - rank[a.state])[0] ?? null;
}

export function queueTone(queue: QueueView | null): { tone: Tone; word: string } {
  if (queue === null) return { tone: 'unknown', word: 'unknown' };
  if ((queue.dead_lettered ?? 0) > 0) return { tone: 'bad', word: 'dead letters' };
  if (queue.depth > 0) return { tone: 'warn', word: 'waiting' };
  return queue.dead_lettered === null ? { tone: 'unknown', word: 'unknown' } : { tone: 'ok', word: 'empty' };
}

/** Orders accepted and not settled yet. */
export function QueueCard() {
  const queue = useFreshState()?.queue ?? null;
  const { tone, word } = queueTone(queue);
  return (
    <Card aside={<Status tone={tone}>{word}</Status>} title="Queue">
      {queue === null ? (
        <NothingReceived>Not received from the order service.</NothingReceived>
      ) : (
        <dl>
          <Fact name="orders waiting">
            <span className="font-semibold">{formatCount(queue.depth)}</span>
          </Fact>
          <Fact name="oldest">
            {formatSpan(
              queue.depth === 0 || queue.oldest_age_seconds === null ? null : queue.oldest_age_seconds * 1000,
            )}
          </Fact>
          <Fact name="dead letters">{formatCount(queue.dead_lettered)}</Fact>
        </dl>
      )}
    </Card>
  );
}
