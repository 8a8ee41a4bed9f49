import type { ChaosState, Gameday, Health, Integrity, OrderEvent } from '@valerix/contracts';
import type { ServiceKey } from '@valerix/system';
import type { ClassView } from './class-view.ts';
import type { LoadView } from './load-view.ts';

/** The error of a chaos reading if the services run with CHAOS=off. */
export const CHAOS_OFF = 'chaos is off';

/** A reading of a service: the last value with its age, and the error of the last try. */
export interface Reading<T> {
  readonly value: T | null;
  readonly age_ms: number | null;
  readonly error: string | null;
}

interface ReplicaView {
  readonly url: string;
  readonly up: boolean;
  readonly error: string | null;
}

export interface ServiceView {
  readonly replicas: readonly ReplicaView[];
  /** Over the last 30 s; `null` if no request ended then, or nothing was received. */
  readonly requests_per_second: number | null;
  readonly error_rate: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly health: Reading<Health>;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/** One replica's breaker in front of one service. */
export interface BreakerView {
  readonly replica: string;
  readonly from: ServiceKey;
  readonly to: ServiceKey;
  readonly state: BreakerState;
  /** How long the dashboard has seen this state; `null` if it never saw another. */
  readonly seen_for_ms: number | null;
  /** The time until the breaker lets the next call through, if the service reports it. */
  readonly next_attempt_in_ms: number | null;
}

export interface QueueView {
  readonly depth: number;
  readonly oldest_age_seconds: number | null;
  readonly dead_lettered: number | null;
}

export interface Alert {
  readonly name: string;
  readonly severity: string;
  readonly summary: string;
  readonly since: string;
}

/** The orders answered in the last 30 s: how many were accepted, and how many of those were confirmed in their answer. */
export interface AtOnce {
  readonly accepted: number;
  readonly confirmed: number;
}

/** Everything that the dashboard server knows at one moment. */
export interface LiveState {
  readonly at_ms: number;
  /** The 30 s average response time of the order service. See average-response-time.ts. */
  readonly average_ms: number | null;
  readonly average_requests: number;
  /** `null` if no order service could be read. */
  readonly at_once: AtOnce | null;
  readonly services: Readonly<Record<ServiceKey, ServiceView>>;
  readonly breakers: readonly BreakerView[];
  readonly queue: QueueView | null;
  readonly chaos: Reading<ChaosState>;
  /** The faults armed when they could last be read that have not expired since: they may return. Empty while the state is known. */
  readonly may_return: ChaosState['faults'];
  readonly integrity: Reading<Integrity>;
  readonly feed: { readonly connected: boolean; readonly error: string | null };
  /** `null` if no source of alerts is configured. */
  readonly alerts: Reading<readonly Alert[]> | null;
  /** The current run of load, or the last one; `null` before the first. */
  readonly load: LoadView | null;
  /** The laboratory's newest run; `null` without a laboratory or a run. */
  readonly gameday: (Pick<Gameday, 'id' | 'state' | 'verdict'> & { readonly title: string }) | null;
  /** The class that is open now. */
  readonly class: ClassView | null;
}

/** One second of the charts. `null`: not received. */
export interface LivePoint {
  readonly t: number;
  readonly confirmed: number | null;
  readonly queued: number | null;
  readonly failed: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly queue: number | null;
  readonly average_ms: number | null;
  /** Active faults. */
  readonly faults: number | null;
  /** The second of a run of load; absent without one. */
  readonly load?: LoadSecond;
}

/** One second of a run of load. */
export interface LoadSecond {
  /** Orders that were due. */
  readonly asked: number;
  readonly answered: number;
  /** From the moment an order was due to its final answer; `null` if none was answered. */
  readonly p95_ms: number | null;
}

/** The first message of `GET /api/live`. */
export interface LiveSnapshot {
  readonly state: LiveState | null;
  readonly points: readonly LivePoint[];
  readonly events: readonly OrderEvent[];
}

/** `event: second`. */
export interface LiveSecond {
  readonly state: LiveState;
  readonly point: LivePoint;
}

/** `event: orders`: the transitions since the last message. The stream is bounded, so `skipped` of them are left out. */
export interface LiveOrders {
  readonly events: readonly OrderEvent[];
  readonly skipped: number;
}

/** The number of events in the feed. */
export const EVENTS_KEPT = 60;
