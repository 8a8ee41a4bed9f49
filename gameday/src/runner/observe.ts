import type { Integrity } from '@valerix/contracts';
import { pause } from '@valerix/service-kit/backoff';
import { type Violation, violationName } from '../checker/violation.ts';
import { allUrls, replicasOf, type Target } from '../targets/target.ts';
import type { FaultLog } from './fault-log.ts';
import { readChaos, readIntegrity, scrapeMetrics } from './scrape.ts';
import { MoneyWatch } from './watch-money.ts';
import { StockWatch } from './watch-stock.ts';

/** What the system reported at one moment. */
export interface Sample {
  t: number;
  /** Undefined when no order service answered. */
  queueDepth?: number;
  deadLettered?: number;
  /** 0 closed, 1 open, 2 half-open; the highest of all replicas. */
  breaker?: number;
  /** How often a breaker was seen to open so far. */
  breakerOpened?: number;
  integrity?: Integrity['verdict'];
  /** Resident bytes of each process that answered, by its name. */
  memory?: Record<string, number>;
}

export interface Observations {
  samples: Sample[];
  /** How often a breaker was seen to open. */
  breakerOpened: number;
  /** When the system's own auditor first reported `violated`, milliseconds. */
  auditorNoticedAt?: number;
}

interface ObserverOptions {
  target: Target;
  faults: FaultLog;
  now: () => number;
  /** Called once for each violation that is found during the run. */
  onViolation: (violation: Violation, source: string) => void;
  onSample: (sample: Sample) => void;
  signal: AbortSignal;
}

const EVERY_MS = 500;
const QUEUE = 'order_queue_depth';
const DEAD = 'orders_dead_lettered';
const BREAKER = 'circuit_breaker_state';
const MEMORY = 'process_resident_memory_bytes';
const OPENED = 'circuit_breaker_transitions_total{to="open"}';

/** Watches the system until the signal: its metrics, its auditor, the faults' counters, the ledger, and stock beside payments. */
export async function observe(options: ObserverOptions): Promise<Observations> {
  const seen: Observations = { samples: [], breakerOpened: 0 };
  const { services, operatorToken } = options.target;
  const stock = new StockWatch(services.inventory.databaseUrl);
  const money = services.payment.databaseUrl === '' ? undefined : new MoneyWatch(services);
  const known = new Set<string>();
  const report = (violation: Violation, source: string) => {
    const name = violationName(violation);
    if (!known.has(name) && known.size < 1_000) options.onViolation(violation, source);
    known.add(name);
  };
  const loop = async (look: () => Promise<void>) => {
    while (!options.signal.aborted) {
      const started = performance.now();
      // Faults often make a look fail; the next one follows soon.
      await look().catch(() => {});
      await pause(Math.max(50, EVERY_MS - (performance.now() - started)), options.signal);
    }
  };
  const opened = new Map<number, number>();
  await Promise.all([
    loop(async () => {
      for (const violation of await stock.look()) report(violation, 'the ledger');
    }),
    loop(async () => {
      for (const violation of (await money?.look()) ?? []) report(violation, 'stock and payments');
    }),
    loop(() => sample(options, seen, opened, report)),
    // Any process knows all faults; those that are dead or stand still do not answer.
    loop(async () =>
      options.faults.update(await Promise.any(allUrls(services).map((url) => readChaos(url, operatorToken)))),
    ),
  ]);
  await Promise.all([stock.close(), money?.close()]);
  return seen;
}

async function sample(
  { target, now, onSample }: ObserverOptions,
  seen: Observations,
  opened: Map<number, number>,
  report: (violation: Violation, source: string) => void,
): Promise<void> {
  const memory: Record<string, number> = {};
  const one: Sample = { t: now(), memory };
  const { urls } = target.services.order;
  const all = replicasOf(target.services);
  const scraped = await Promise.allSettled(
    all.map(({ url }) => scrapeMetrics(url, [QUEUE, DEAD, BREAKER, OPENED, MEMORY])),
  );
  for (const [index, { value: metrics }] of scraped.map(fulfilled).entries()) {
    const { name, url } = all[index] as (typeof all)[number];
    if (!metrics) continue;
    memory[name] = metrics.get(MEMORY) ?? 0;
    const replica = urls.indexOf(url);
    if (replica < 0) continue;
    one.queueDepth = Math.max(one.queueDepth ?? 0, metrics.get(QUEUE) ?? 0);
    one.deadLettered = Math.max(one.deadLettered ?? 0, metrics.get(DEAD) ?? 0);
    one.breaker = Math.max(one.breaker ?? 0, metrics.get(BREAKER) ?? 0);
    const total = metrics.get(OPENED) ?? 0;
    // The first sample's count belongs to the time before the run.
    const before = opened.get(replica) ?? total;
    // A restarted process counts from zero.
    seen.breakerOpened += total >= before ? total - before : total;
    opened.set(replica, total);
  }
  one.breakerOpened = seen.breakerOpened;
  const integrity = (await Promise.allSettled(urls.map((url) => readIntegrity(url, target.operatorToken)))).flatMap(
    (read) => fulfilled(read).value ?? [],
  );
  const worst = integrity.find(({ verdict }) => verdict === 'violated') ?? integrity[0];
  if (worst) one.integrity = worst.verdict;
  if (worst?.verdict === 'violated') seen.auditorNoticedAt ??= now();
  for (const { invariant, subject, detail } of worst?.violations ?? []) {
    report({ invariant, class: 'drift', subject, detail }, "the system's auditor");
  }
  seen.samples.push(one);
  onSample(one);
}

const fulfilled = <T>(read: PromiseSettledResult<T>): { value?: T } => (read.status === 'fulfilled' ? read : {});
