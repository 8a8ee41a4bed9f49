import type { ServiceKey } from '@valerix/system';
import type { BreakerState } from './live-types.ts';

/** How much of a limited resource is taken: a pool of database connections, or a bulkhead. */
export interface Use {
  readonly name: string;
  readonly in_use: number;
  readonly max: number | null;
  /** Requests that wait for it; `null` where none may. */
  readonly waiting: number | null;
}

export interface ReplicaDetails {
  readonly url: string;
  readonly up: boolean;
  readonly error: string | null;
  /** `null` if it did not say. */
  readonly version: string | null;
  readonly uptime_seconds: number | null;
  readonly uses: readonly Use[];
}

export interface BreakerDetails {
  readonly to: ServiceKey;
  readonly state: BreakerState;
  /** Over the last 30 s, without those that were not sent. */
  readonly calls: number;
  readonly failed: number;
  /** Stopped by the breaker or the bulkhead, or the connection was refused. */
  readonly not_sent: number;
}

export interface PastAlert {
  readonly name: string;
  readonly severity: string;
}

/** What an open card shows of a service. */
export interface ServiceDetails {
  readonly replicas: readonly ReplicaDetails[];
  /** The answers from 400 on in the last 30 s, the most frequent first. */
  readonly errors: ReadonlyArray<{ readonly kind: string; readonly count: number }>;
  readonly breakers: readonly BreakerDetails[];
  /** The alerts that fired in the last day; `null` without a Prometheus. */
  readonly alerts: readonly PastAlert[] | null;
  /** Why they could not be read. */
  readonly alerts_error: string | null;
}
