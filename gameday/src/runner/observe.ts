import type { Integrity } from '@valerix/contracts';
import { pause } from '@valerix/service-kit/backoff';
import type { Violation } from '../checker/violation.ts';
import type { Target } from '../targets/target.ts';
import type { FaultLog } from './fault-log.ts';
import { readChaos, readIntegrity, scrapeMetrics } from './scrape.ts';
import { StockWatch } from './watch-stock.ts';

/** What the system said of itself at one moment. */
export interface Sample {
  t: number;
  /** Undefined when no order service answered. */
  queueDepth?: number;
  deadLettered?: number;
  /** 0 closed, 1 open, 2 half-open; the highest of all replicas. */
  breaker?: number;
  integrity?: Integrity['verdict'];
}

export interface Observations {
  samples: Sample[];
  /** How often any breaker opened, as far as it was seen. */
  breakerOpened: number;
  /** When the system's own auditor first said `violated`, milliseconds. */
  auditorNoticedAt?: number;
}

interface ObserverOptions {
  target: Target;
  faults: FaultLog;
  now: () => number;
  /** Called once for each thing that is found broken while the run goes on. */
  onViolation: (violation: Violation, source: string) => void;
  /** Told each sample as it is taken. */
  onSample?: ((sample: Sample) => void) | undefined;
  signal: AbortSignal;
}

const EVERY_MS = 500;
const METRICS = [
  'order_queue_depth',
  'orders_dead_lettered',
  'circuit_breaker_state',
  'circuit_breaker_transitions_total{to="open"}',
];

/** Watches the system until the signal: its metrics, its auditor, the faults' counters, and the ledger itself. */
export async function observe(options: ObserverOptions): Promise<Observations> {
  const seen: Observations = { samples: [], breakerOpened: 0 };
  const { services, operatorToken } = options.target;
  const stock = new StockWatch(services.inventory.databaseUrl);
  const known = new Set<string>();
  const report = (violation: Violation, source: string) => {
    const name = `${violation.invariant} ${violation.subject}`;
    if (!known.has(name) && known.size < 1_000) options.onViolation(violation, source);
    known.add(name);
  };
  const loop = async (look: () => Promise<void>) => {
    while (!options.signal.aborted) {
      const started = performance.now();
      // What cannot be asked now is asked again soon; faults make that happen all the time.
      await look().catch(() => {});
      await pause(Math.max(50, EVERY_MS - (performance.now() - started)), options.signal);
    }
  };
  const opened = new Map<string, number>();
  await Promise.all([
    loop(async () => {
      for (const violation of await stock.look()) report(violation, 'the ledger');
    }),
    loop(() => sample(options, seen, opened, report)),
    loop(async () => {
      const state = await readChaos(services.inventory.urls[0] as string, operatorToken);
      if (state) options.faults.update(state);
    }),
  ]);
  await stock.close();
  return seen;
}

async function sample(
  { target, now, onSample }: ObserverOptions,
  seen: Observations,
  opened: Map<string, number>,
  report: (violation: Violation, source: string) => void,
): Promise<void> {
  const t = now();
  const one: Sample = { t };
  const scraped = await Promise.all(target.services.order.urls.map((url) => scrapeMetrics(url, METRICS)));
  scraped.forEach((metrics, replica) => {
    if (!metrics) return;
    one.queueDepth = Math.max(one.queueDepth ?? 0, metrics.get('order_queue_depth') ?? 0);
    one.deadLettered = Math.max(one.deadLettered ?? 0, metrics.get('orders_dead_lettered') ?? 0);
    one.breaker = Math.max(one.breaker ?? 0, metrics.get('circuit_breaker_state') ?? 0);
    const total = metrics.get(METRICS[3] as string) ?? 0;
    // What happened before the run is not of the run.
    const before = opened.get(String(replica)) ?? total;
    // A process that was started again counts from zero.
    seen.breakerOpened += total >= before ? total - before : total;
    opened.set(String(replica), total);
  });
  const integrity = (await Promise.all(target.services.order.urls.map(readIntegrity))).filter(
    (verdict) => verdict !== undefined,
  );
  const worst = integrity.find(({ verdict }) => verdict === 'violated') ?? integrity[0];
  if (worst) one.integrity = worst.verdict;
  if (worst?.verdict === 'violated') seen.auditorNoticedAt ??= now();
  for (const { invariant, subject, detail } of worst?.violations ?? []) {
    report({ invariant, class: 'drift', subject, detail }, "the system's auditor");
  }
  seen.samples.push(one);
  onSample?.(one);
}
