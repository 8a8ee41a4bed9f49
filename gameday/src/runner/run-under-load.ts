import { pause } from '@valerix/service-kit/backoff';
import { runClient } from '../workload/client.ts';
import { generate } from '../workload/generate.ts';
import { openHistory } from '../workload/history.ts';
import { createOrderApi } from '../workload/order-api.ts';
import { schedule } from '../workload/schedule.ts';
import type { Drained } from './drain.ts';
import type { FaultLog } from './fault-log.ts';
import { type Observations, observe, type Sample } from './observe.ts';
import type { ActivityContext, ActivityRun } from './run-activity.ts';
import type { RunOptions, SeenViolation } from './run-experiment.ts';
import { runSteps } from './run-steps.ts';
import type { Tally } from './tally.ts';

export interface LoadOptions extends RunOptions {
  context: ActivityContext;
  clock: { zero: number };
  now: () => number;
  tally: Tally;
  faults: FaultLog;
  prefix: string;
  historyFile: string;
  /** Do nothing but roll back: there was no steady state to start from. */
  skip: boolean;
  /** What is found broken while the run goes on is added here. */
  seen: SeenViolation[];
  /** Told each sample of the system's metrics. */
  onSample: (sample: Sample) => void;
  /** The load begins. */
  onLoad: () => void;
  rollBack: () => Promise<void>;
  drain: () => Promise<Drained>;
}

export interface LoadResult {
  method: ActivityRun[];
  observations: Observations;
  notSent: number;
  drained: Drained | undefined;
  /** Why the method ended early: the stop condition. */
  stopped: string | undefined;
}

/** The method, while clients order and everything is watched; then the rollbacks, always, and the drain. */
export async function runUnderLoad(options: LoadOptions): Promise<LoadResult> {
  const { experiment, now, tally, faults, seen } = options;
  const { document, valerix } = experiment;
  const workload = { ...valerix.workload, rate: options.rate };
  const durationMs = options.durationS * 1000;
  const stop = new AbortController();
  const onAbort = () => stop.abort(options.signal.reason);
  options.signal.addEventListener('abort', onAbort, { once: true });
  if (options.signal.aborted || options.skip) stop.abort('there was no steady state to start from');
  // The load goes on until the time is over and the method is done, so that no step of it meets an idle system.
  const enough = new AbortController();
  const watching = new AbortController();
  const giveUp = new AbortController();
  const history = openHistory(options.historyFile, (line) => tally.add(line));
  const api = createOrderApi(options.target.orderUrls, workload.timeout_ms);
  const clients = new Set<Promise<void>>();
  const method: ActivityRun[] = [];
  let stopped: string | undefined;

  options.clock.zero = performance.now();
  const observing = observe({
    target: options.target,
    faults,
    now,
    signal: watching.signal,
    onSample: options.onSample,
    onViolation: (violation, source) => {
      seen.push({ ...violation, at: now(), source });
      if (stop.signal.aborted || !valerix.stop_when_broken.includes(violation.invariant)) return;
      stopped = `stop condition: ${violation.invariant} is broken (${violation.subject}: ${violation.detail})`;
      stop.abort(stopped);
    },
  });
  options.onLoad();
  const generating = generate(
    schedule({ workload, seed: options.seed, durationMs: Number.POSITIVE_INFINITY, prefix: options.prefix }),
    now,
    (operation) =>
      runClient(operation, {
        api,
        history,
        workload,
        seed: options.seed,
        now,
        onTrouble: () => tally.trouble(now()),
        signal: giveUp.signal,
      }),
    clients,
    AbortSignal.any([stop.signal, enough.signal]),
  );
  try {
    // A longer run repeats the method: what it breaks, it mends.
    do {
      const round = now();
      const context = { ...options.context, signal: stop.signal };
      await runSteps(document.method, document, context, (run) => void method.push(run));
      // A method that does nothing must not spin.
      if (now() - round < 1_000) await pause(1_000 - (now() - round), stop.signal);
      if (now() + (now() - round) > durationMs) break;
    } while (!stop.signal.aborted);
    await pause(Math.max(0, durationMs - now()), stop.signal);
  } catch (error) {
    stopped = `the method failed: ${(error as Error).message}`;
    stop.abort(stopped);
  }
  options.signal.removeEventListener('abort', onAbort);
  enough.abort();
  const { notSent } = await generating;
  await options.rollBack().catch((error: Error) => {
    stopped = `the rollback failed: ${error.message}`;
  });
  const drained = options.skip ? undefined : await settle(options, clients, giveUp);
  faults.endAll();
  watching.abort();
  const observations = await observing;
  await history.close();
  await api.close();
  return { method, observations, notSent, drained, stopped };
}

/** Waits for the clients, then for the orders. */
async function settle(options: LoadOptions, clients: Set<Promise<void>>, giveUp: AbortController): Promise<Drained> {
  const drained = await options.drain();
  const patience = options.experiment.valerix.workload.give_up_ms;
  await Promise.race([Promise.all(clients), pause(drained.complete ? patience : 5_000, options.hurry)]);
  giveUp.abort();
  await Promise.all(clients);
  // The last clients may have placed, or cancelled, something after the drain.
  if (!drained.complete) return drained;
  const again = await options.drain();
  return { ...again, seconds: drained.seconds + again.seconds };
}
