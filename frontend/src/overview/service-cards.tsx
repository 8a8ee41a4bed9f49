import type { ServiceKey } from '@valerix/system';
import { lazy, Suspense, useState } from 'react';
import { formatMs, formatQueued, formatRate, formatSeconds, formatShare, formatSpan } from '../browser/format.ts';
import { useFresh, useLiveOf } from '../browser/hooks.ts';
import type { BreakerView, QueueView, ServiceView } from '../live/live-types.ts';
import { isInstalled, serviceTitle, serviceWords } from '../live/services.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { NothingReceived } from '../ui/nothing-received.tsx';
import { Fact, Loading } from '../ui/parts.tsx';
import { type Look, Status, type Tone, UNKNOWN } from '../ui/status.tsx';
import { Term } from '../ui/term.tsx';
import { BREAKER_TONES, breakerWords } from './breaker-words.ts';
import { errorTone, HEALTH_TONES, overallHealth } from './service-health.ts';

/** Loaded when the first card is opened. */
const OpenService = lazy(() => import('./service-details.tsx').then((made) => ({ default: made.OpenService })));

/** The health, dependencies, speed and errors of one service, and more once it is opened; nothing for one that is not installed. */
export function ServiceCard({ of: key }: { of: ServiceKey }) {
  const heard = useLiveOf(({ state }) => state !== null);
  const installed = useLiveOf(({ state }) => isInstalled(state, key));
  const service = useFresh(({ services }) => shownService(services[key])) ?? undefined;
  const look = service === undefined ? UNKNOWN : overallHealth(service);
  const [open, setOpen] = useState(false);
  if (!installed) return null;
  return (
    <Card aside={heard ? <Status {...look} /> : null} title={serviceTitle(key)}>
      {service === undefined ? null : <ServiceFacts service={service} />}
      {service === undefined && !heard ? <Loading rows={4} /> : null}
      {service === undefined && heard ? <NothingReceived>Not received.</NothingReceived> : null}
      <Button
        aria-expanded={open}
        aria-label={`${open ? 'Less' : 'More'} about the ${serviceWords(key)}`}
        className="mt-2"
        icon={open ? 'minus' : 'plus'}
        onClick={() => setOpen(!open)}
        small
        text={open ? 'Less' : 'More'}
      />
      <Suspense>{open ? <OpenService of={key} /> : null}</Suspense>
    </Card>
  );
}

/** A service without its ages and times, which change each second and are not shown. */
export function shownService({ health: { value, error }, ...service }: ServiceView) {
  const checks = Object.entries(value?.checks ?? {}).map(([name, { status, detail }]) => ({ name, status, detail }));
  return { ...service, health: { value: value && { status: value.status, checks }, error } };
}

function ServiceFacts({ service }: { service: ReturnType<typeof shownService> }) {
  const { health: reading, replicas, ...traffic } = service;
  const health = reading.error === null ? reading.value : null;
  const errors = errorTone(traffic.error_rate);
  const share = formatShare(traffic.error_rate);
  const down = replicas.filter((one) => !one.up && one.error !== null);
  const checks = (health?.checks ?? []).filter(({ name }) => name !== 'process');
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
        {checks.map(({ name: check, status, detail }) => (
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
export const breakerTone = (breaker: Pick<BreakerView, 'state'> | null): Tone =>
  breaker === null ? 'unknown' : BREAKER_TONES[breaker.state];

/** The circuit breaker between the services; the worst of several, with the number in the same state. */
export function BreakerCard() {
  const breakers = useFresh((state) => state.breakers) ?? [];
  const worst = worstBreaker(breakers);
  const called = useFresh(({ services }) => worst && shownService(services[worst.to]));
  if (worst === null) return <UnknownCard title="Circuit breaker" />;
  const { state, to, next_attempt_in_ms: next, seen_for_ms: seen } = worst;
  const alike = breakers.filter((one) => one.state === state).length;
  return (
    <Card
      aside={<Status tone={breakerTone(worst)} word={state} />}
      label="Circuit breaker"
      title={<Term word="breaker">Circuit breaker</Term>}
    >
      <p className="min-h-[3em] text-muted">{breakerWords(state, to, called ?? undefined)}</p>
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
export function breakerBetween<B extends Pick<BreakerView, 'from' | 'to' | 'state'>>(
  live: { breakers: readonly B[]; services: Readonly<Record<ServiceKey, Pick<ServiceView, 'replicas'>>> } | null,
  from: ServiceKey,
  to: ServiceKey,
): B | null | undefined {
  const worst = worstBreaker(live?.breakers.filter((one) => one.from === from && one.to === to) ?? []);
  return worst ?? (live?.services[from].replicas.some((one) => one.up) ? null : undefined);
}

export function worstBreaker<B extends Pick<BreakerView, 'state'>>(breakers: readonly B[]): B | null {
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
  const queue = useFresh((state) => state.queue);
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
