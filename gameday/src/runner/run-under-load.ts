import { pause } from '@valerix/service-kit/backoff';
import { undoAll } from '../undo/undo-journal.ts';
import { signInCustomers } from '../workload/customers.ts';
import type { Announcer } from './announce.ts';
import { type Clients, startClients } from './clients.ts';
import { type Drained, drain } from './drain.ts';
import { type Observations, observe } from './observe.ts';
import type { Run } from './run.ts';
import type { ActivityRun } from './run-activity.ts';
import { runSteps } from './run-steps.ts';

export interface LoadResult {
  method: ActivityRun[];
  rollbacks: ActivityRun[];
  observations: Observations;
  notSent: number;
  drained: Drained | undefined;
  /** Why the method ended early: the stop condition, or an error. */
  stopped: string | undefined;
}

/**
 * Runs the method while clients order and observers watch; then always the rollbacks; then the drain.
 * @param skip only roll back, because there was no steady state to start from, or because of `cannot`
 * @param cannot why the target cannot run it; there is then nothing to roll back
 */
export async function runUnderLoad(
  run: Run,
  announcer: Announcer,
  skip: boolean,
  cannot?: string,
): Promise<LoadResult> {
  const { target, faults, now, experiment } = run;
  const broken = new AbortController();
  const stop = AbortSignal.any([run.signal, broken.signal]);
  const watching = new AbortController();
  const stopsAt: ReadonlySet<string> = new Set(experiment.valerix.stop_when_broken);
  const method: ActivityRun[] = [];
  const rollbacks: ActivityRun[] = [];
  let stopped = cannot;
  if (skip) broken.abort();

  const count = skip ? 0 : experiment.valerix.workload.customers;
  const customers = await signInCustomers({ count, urls: target.services.identity.urls, prefix: run.prefix });
  run.clock.zero = performance.now();
  const observing = observe({
    target,
    faults,
    now,
    signal: watching.signal,
    onSample: announcer.onSample,
    onViolation: (violation, source) => {
      run.seen.push({ ...violation, at: now(), source });
      if (stop.aborted || !stopsAt.has(violation.invariant)) return;
      stopped = `stop condition: ${violation.invariant} is broken (${violation.subject}: ${violation.detail})`;
      broken.abort();
    },
  });
  announcer.enter('load');
  const clients = startClients(run, stop, customers);
  await repeatMethod(run, stop, method).catch((error: Error) => {
    stopped = `the method failed: ${error.message}`;
    broken.abort();
  });
  const notSent = await clients.end();
  announcer.enter('rollback');
  if (!cannot) {
    await rollBack(run, rollbacks).catch((error: Error) => {
      stopped = `the rollback failed: ${error.message}`;
    });
  }
  const drained = skip ? undefined : await settle(run, clients, announcer);
  faults.endAll();
  watching.abort();
  const observations = await observing;
  await clients.close();
  return { method, rollbacks, observations, notSent, drained, stopped };
}

/** Ends when the time is over and the method is done, so that every step meets a system under load. */
export async function repeatMethod(
  run: Pick<Run, 'experiment' | 'now' | 'durationS' | 'context'>,
  signal: AbortSignal,
  done: ActivityRun[],
): Promise<void> {
  const { experiment, now } = run;
  const durationMs = run.durationS * 1000;
  const { rounds } = experiment.valerix;
  // Do not spin on a method without steps.
  const shortestMs = rounds ? durationMs / rounds : 1_000;
  // A longer run repeats the method, which mends what it breaks.
  for (let round = 1; !signal.aborted; round++) {
    const began = now();
    await runSteps(experiment.document.method, experiment.document, { ...run.context, signal }, (one) =>
      done.push(one),
    );
    if (round === rounds) break;
    await pause(Math.max(0, shortestMs - (now() - began)), signal);
    if (rounds === undefined && now() + (now() - began) > durationMs) break;
  }
  await pause(Math.max(0, durationMs - now()), signal);
}

/** Runs the rollbacks, heals the target, then performs the planned undos; each even if another failed. @throws naming every failure */
async function rollBack(
  { experiment: { document }, context, target, ...run }: Run,
  done: ActivityRun[],
): Promise<void> {
  const failures: string[] = [];
  const note = (error: Error) => void failures.push(error.message);
  await runSteps(document.rollbacks, document, context, (one) => done.push(one)).catch(note);
  await target.heal().catch(note);
  const env = { ...run.env, ...target.variables };
  const undone = await undoAll(run.folder, env, (planned) => planned.do !== 'delete-stack');
  failures.push(...undone.flatMap(({ step, detail, failed }) => (failed ? [`"${step}": ${detail}`] : [])));
  if (failures.length > 0) throw new Error(failures.join('; '));
}

/** Waits for the orders, then for the clients. */
async function settle(run: Run, clients: Clients, announcer: Announcer): Promise<Drained> {
  const { drain_s, workload } = run.experiment.valerix;
  announcer.enter('drain');
  const drained = await drainWithin(run, drain_s * 1000);
  await clients.settle(drained.complete ? workload.give_up_ms : 5_000, run.hurry);
  // The last clients may have placed or cancelled an order after the drain.
  if (!drained.complete) return drained;
  announcer.enter('drain');
  const again = await drainWithin(run, drain_s * 1000);
  return { ...again, seconds: drained.seconds + again.seconds };
}

function drainWithin({ target, hurry }: Run, limitMs: number): Promise<Drained> {
  const limit = AbortSignal.timeout(limitMs + 1_000);
  return drain(target.services.order.databaseUrl, limitMs, hurry ? AbortSignal.any([limit, hurry]) : limit);
}
