import {
  type PlannedOrder,
  type PlannedRead,
  random,
  schedule,
  scheduleReads,
  workloadSchema,
} from '@valerix/gameday/workload';
import { replicasOf, SIMULATED, type SimulatedKey } from './system.ts';
import type { LinkKind, MessageFault } from './world/network.ts';

/** How often a message meets a fault, by what kind of link it is on. */
export type Rates = Partial<Record<`${LinkKind}-${MessageFault['kind']}`, number>>;

/** Something that happens to the whole system at a moment, milliseconds after the start of the load. */
export type Event = { atMs: number } & (
  | { kind: 'kill'; process: string }
  | { kind: 'database-away'; of: SimulatedKey; forMs: number }
  | { kind: 'redis-away'; forMs: number }
  | { kind: 'redis-wiped' }
  | { kind: 'price'; item: string; cents: number }
  | { kind: 'restock'; item: string; quantity: number }
);

/** Which ends of a message are processes of the system. */
export type CanDie = Record<'sender' | 'receiver', boolean>;

/** Variables of the services' processes. */
export type Settings = Partial<Record<SimulatedKey, Record<string, string>>>;

/** Everything that a run depends on. As JSON it is the file that `--replay` plays. */
export interface Scenario {
  seed: number;
  operations: PlannedOrder[];
  /** Of orders, pages, stock and the queue, as in game days. */
  reads?: PlannedRead[];
  events: Event[];
  /** The clocks of processes: milliseconds ahead of the world's. */
  skewsMs: Record<string, number>;
  stock: Record<string, number>;
  rates: Rates;
  /** Of the services, beside those of every run. */
  settings?: Settings;
  /** When set, exactly these messages meet a fault, by their point, and the rates say nothing. */
  faults?: Record<string, MessageFault>;
  /** Ends the run soon after the last fault, once nothing is open. */
  endsWhenQuiet?: boolean;
}

export const PREFIX = 'sim';
/** When the load ends, and faults with it. */
export const FAULTS_END_MS = 4_500;
/** When readers leave: later than the clients, whose orders then still move. */
const READS_END_MS = 3_500;
const ITEMS = ['ps5', 'xbox', 'switch', 'laptop'];

export const WORKLOAD = workloadSchema.parse({
  rate: 5,
  items: ITEMS,
  timeout_ms: 1_500,
  give_up_ms: 20_000,
  // Means: each seed has shares of its own, up to twice as large.
  cancellations: 0.3,
  replays: 0.15,
  reused_keys: 0.05,
  payments: {
    tok_ok: 0.25,
    tok_declined: 0.05,
    tok_slow: 0.04,
    tok_lost_reply: 0.06,
    tok_webhook_only: 0.06,
    tok_never: 0.03,
  },
});

/** The most that each fault strikes, of the messages on its kind of link. Background work crosses these links too. */
const MOST: Rates = {
  'http-lose': 0.12,
  'http-delay': 0.15,
  'http-duplicate': 0.5,
  'http-kill-sender': 0.05,
  'http-kill-receiver': 0.05,
  'database-lose': 0.01,
  'database-delay': 0.02,
  'database-kill-sender': 0.006,
  'database-kill-receiver': 0.006,
  'redis-lose': 0.02,
  'redis-delay': 0.05,
};

/** A world without a fault, for the same clients. */
export function calmScenario(seed: number): Scenario {
  const next = random(seed, 'scenario');
  const workload = {
    ...WORKLOAD,
    rate: 2 + next() * 6,
    multi_item: next() * 0.5,
    cancellations: next() * 2 * WORKLOAD.cancellations,
    replays: next() * 2 * WORKLOAD.replays,
    reused_keys: next() * 2 * WORKLOAD.reused_keys,
    payments: times(WORKLOAD.payments, next() * 2),
  };
  const operations = [...schedule({ workload, seed, durationMs: 2_000, prefix: PREFIX })].slice(0, 14);
  const stock = Object.fromEntries(ITEMS.map((item) => [item, next() < 0.3 ? Math.floor(next() * 6) : 100]));
  return { seed, operations, reads: drawReads(seed), events: [], skewsMs: {}, stock, rates: {} };
}

/** From none to as many as one and a half times the orders: a stale answer is seen by two reads of the same, close together. */
function drawReads(seed: number): PlannedRead[] {
  const workload = { ...WORKLOAD, reads: random(seed, 'readers')() * 0.6 };
  const reads: PlannedRead[] = [];
  for (const read of scheduleReads({ workload, seed })) {
    if (read.atMs > READS_END_MS) break;
    reads.push(read);
  }
  return reads;
}

const times = (shares: Record<string, number>, factor: number): Record<string, number> =>
  Object.fromEntries(Object.entries(shares).map(([name, share]) => [name, share * factor]));

/** Swarm testing: each seed has some of the faults, at rates of its own (Groce et al., "Swarm Testing", ISSTA 2012). */
export function drawScenario(seed: number): Scenario {
  const scenario = calmScenario(seed);
  const next = random(seed, 'faults');
  for (const [name, most] of Object.entries(MOST)) {
    if (next() < 0.35) scenario.rates[name as keyof Rates] = most * next() ** 2;
  }
  for (const name of SIMULATED.flatMap(replicasOf))
    if (next() < 0.1) scenario.skewsMs[name] = Math.round((next() - 0.5) * 8_000);
  const count = next() < 0.3 ? 0 : Math.floor(next() * 6);
  for (let n = 0; n < count; n++) scenario.events.push(eventOf(next));
  scenario.events.sort((a, b) => a.atMs - b.atMs);
  return scenario;
}

function eventOf(next: () => number): Event {
  const atMs = Math.round(next() * (FAULTS_END_MS - 1_500));
  const forMs = Math.round(100 + next() * 1_400);
  const item = ITEMS[Math.floor(next() * ITEMS.length)] as string;
  const key = SIMULATED[Math.floor(next() * SIMULATED.length)] as SimulatedKey;
  const names = SIMULATED.flatMap(replicasOf);
  const process = names[Math.floor(next() * names.length)] as string;
  const which = next();
  if (which < 0.35) return { atMs, kind: 'kill', process };
  if (which < 0.5) return { atMs, kind: 'database-away', of: key, forMs };
  if (which < 0.6) return { atMs, kind: 'redis-away', forMs };
  if (which < 0.7) return { atMs, kind: 'redis-wiped' };
  if (which < 0.85) return { atMs, kind: 'price', item, cents: 100 + Math.floor(next() * 50_000) };
  return { atMs, kind: 'restock', item, quantity: 1 + Math.floor(next() * 3) };
}

/** What becomes of a message, by the rates of a scenario or its list. Depends on the point alone, not on what came before. */
export function faultAt(
  { seed, rates, faults }: Scenario,
  { point, kind, isReply, canDie }: { point: string; kind: LinkKind; isReply: boolean; canDie: CanDie },
): MessageFault | undefined {
  if (faults) return faults[point];
  const next = random(seed, 'fault', point);
  for (const fault of ['kill-sender', 'kill-receiver', 'lose', 'delay', 'duplicate'] as const) {
    if (next() >= (rates[`${kind}-${fault}`] ?? 0)) continue;
    if (fault === 'kill-sender' ? !canDie.sender : fault === 'kill-receiver' && !canDie.receiver) continue;
    if (fault === 'lose' || fault === 'kill-sender' || fault === 'kill-receiver') return { kind: fault };
    if (fault === 'duplicate' && isReply) continue;
    // A fifth of the late ones within 5 ms, and a third of the copies at once: they meet another message that is at work.
    return { kind: fault, delayMs: Math.round(3_000 * next() ** (fault === 'delay' ? 4 : 8)) };
  }
  return undefined;
}
