import type { OrderLine } from '@valerix/contracts';
import type { Workload } from '../experiment/valerix-extension.ts';
import { random } from './random.ts';

/** One order of one client, planned before the run. */
export interface Operation {
  index: number;
  /** When the client wants to order, milliseconds after the start. Latency counts from here. */
  atMs: number;
  key: string;
  items: OrderLine[];
  /** Pays for the order; absent: it is billed on account. */
  token?: string;
  /** Cancel the order this long after the answer. */
  cancelAfterMs?: number;
  /** Lose the answer, and ask again with the same key this long after it. */
  replayAfterMs?: number;
  /** Send this other order under the same key, this long after the answer. */
  reuse?: { afterMs: number; items: OrderLine[] };
}

interface ScheduleOptions {
  workload: Workload;
  seed: number;
  durationMs: number;
  /** Every key starts with it; unique among the runs against one system. */
  prefix: string;
}

/**
 * The plan of all clients: an open loop (a Poisson process), which slow answers do not hold up. The same seed gives the same
 * operations, whatever happens during the run.
 */
export function* schedule({ workload, seed, durationMs, prefix }: ScheduleOptions): Generator<Operation> {
  let index = 0;
  for (const atMs of arrivals(random(seed, 'arrivals'), workload.rate)) {
    if (atMs >= durationMs) return;
    yield operation(workload, seed, index++, atMs, prefix);
  }
}

/** One read, planned before the run. What it reads depends on what there is by then. */
export interface PlannedRead {
  index: number;
  atMs: number;
}

/** The plan of all readers: a Poisson process of its own, so reads change no order's time. `workload.reads` is their share. */
export function* scheduleReads({ workload, seed }: Pick<ScheduleOptions, 'workload' | 'seed'>): Generator<PlannedRead> {
  const { rate, reads } = workload;
  if (reads === 0) return;
  let index = 0;
  for (const atMs of arrivals(random(seed, 'reads'), (rate * reads) / (1 - reads))) yield { index: index++, atMs };
}

function* arrivals(next: () => number, rate: number): Generator<number> {
  for (let atMs = 0; ; ) {
    atMs += (-Math.log(1 - next()) * 1000) / rate;
    yield atMs;
  }
}

function operation(workload: Workload, seed: number, index: number, atMs: number, prefix: string): Operation {
  // Each order has its own stream: one more draw for one order must not change all later orders.
  const next = random(seed, 'order', index);
  const planned: Operation = { index, atMs, key: keyOf(prefix, index), items: linesOf(workload, next) };
  if (next() < workload.cancellations) planned.cancelAfterMs = Math.round(next() * 2_000);
  if (next() < workload.replays) planned.replayAfterMs = Math.round(next() * 1_000);
  if (next() < workload.reused_keys) {
    const other = planned.items.map((line, place) => (place === 0 ? { ...line, quantity: line.quantity + 1 } : line));
    planned.reuse = { afterMs: Math.round(next() * 1_000), items: other };
  }
  const token = tokenOf(workload.payments, next());
  if (token) planned.token = token;
  return planned;
}

/** The token whose share of all orders `drawn` falls into. */
function tokenOf(payments: Workload['payments'], drawn: number): string | undefined {
  let upTo = 0;
  return Object.entries(payments).find(([, share]) => {
    upTo += share;
    return drawn < upTo;
  })?.[0];
}

function linesOf(workload: Workload, next: () => number): OrderLine[] {
  const wanted = next() < workload.multi_item ? 2 + Math.floor(next() * 2) : 1;
  const hot = workload.hot_item && next() < workload.hot_item.share ? workload.hot_item.item_id : undefined;
  const chosen = new Set<string>(hot ? [hot] : []);
  // Items are distinct, so there may be fewer than wanted.
  const most = Math.min(wanted, new Set([...workload.items, ...chosen]).size);
  while (chosen.size < most) chosen.add(workload.items[Math.floor(next() * workload.items.length)] as string);
  return [...chosen].map((item_id) => ({ item_id, quantity: 1 + Math.floor(next() * workload.max_quantity) }));
}

export const keyOf = (prefix: string, index: number): string => `${prefix}-${index}`;

/** The number of an operation, read from its key; undefined for a key that is not of this run. */
export function indexOf(prefix: string, key: string): number | undefined {
  if (!key.startsWith(`${prefix}-`)) return undefined;
  const digits = key.slice(prefix.length + 1);
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
}
