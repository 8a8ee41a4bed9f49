import { isSettled, ORDER_STATUSES } from '@valerix/contracts';
import { withClient } from '@valerix/local-stack/servers/databases';
import type { FaultWindow } from './fault-log.ts';
import type { Run } from './run.ts';

/** How long an order may take to settle, milliseconds. */
const IN_TIME_MS = 30_000;

/** Milliseconds after the start of the run; null while it is open. */
export interface Settling {
  placedAt: number;
  settledAt: number | null;
}

const SETTLED_EVENTS = ORDER_STATUSES.filter(isSettled).map((status) => `order.${status}`);
const SETTLINGS = `
  SELECT extract(epoch FROM orders.created_at)::float8 * 1000 - $2 AS "placedAt",
    extract(epoch FROM min(occurred_at))::float8 * 1000 - $2 AS "settledAt"
  FROM orders LEFT JOIN order_events AS event ON event.order_id = orders.order_id AND event.type = ANY($1)
  WHERE strpos(idempotency_key, $3) > 0 GROUP BY orders.order_id, orders.created_at`;

/** When each order of the run was placed and first settled, by the order database. */
export async function readSettlings({ target, clock, prefix }: Pick<Run, 'target' | 'clock' | 'prefix'>) {
  const startedAt = performance.timeOrigin + clock.zero;
  const values = [SETTLED_EVENTS, startedAt, `${prefix}-`];
  const { rows } = await withClient(target.services.order.databaseUrl, (client) =>
    client.query<Settling>(SETTLINGS, values),
  );
  return rows;
}

/**
 * The orders, in percent, that were settled within 30 s: of the time they were placed, or of the end of the faults that were active then.
 * Rounded down to a tenth.
 */
export function settledInTime(orders: readonly Settling[], faults: readonly FaultWindow[]): number {
  const inTime = orders.filter(({ placedAt, settledAt }) => {
    const active = faults.filter(({ from, to = from }) => from <= placedAt && placedAt <= to);
    const since = Math.max(placedAt, ...active.map(({ to = 0 }) => to));
    return settledAt !== null && settledAt - since <= IN_TIME_MS;
  });
  return Math.floor((inTime.length / Math.max(1, orders.length)) * 1000) / 10;
}
