import { pause } from '@valerix/service-kit/backoff';
import { runClient } from '../workload/client.ts';
import { generate } from '../workload/generate.ts';
import { openHistory } from '../workload/history.ts';
import { createOrderApi } from '../workload/order-api.ts';
import { schedule } from '../workload/schedule.ts';
import type { Run } from './run.ts';

export type Clients = ReturnType<typeof startClients>;

/** Starts clients by the run's schedule until the signal aborts or `end` is called, and writes the history. */
export function startClients(run: Run, stop: AbortSignal) {
  const { seed, prefix, now, tally } = run;
  const workload = { ...run.experiment.valerix.workload, rate: run.rate };
  const enough = new AbortController();
  const giveUp = new AbortController();
  const history = openHistory(run.historyFile, (line) => tally.add(line));
  const api = createOrderApi(run.target.services.order.urls, workload.timeout_ms);
  const open = new Set<Promise<void>>();
  const onTrouble = () => tally.trouble(now());
  const options = { api, history, workload, seed, now, onTrouble, followed: new Set<string>(), signal: giveUp.signal };
  const generating = generate(
    schedule({ workload, seed, durationMs: Number.POSITIVE_INFINITY, prefix }),
    now,
    (operation) => runClient(operation, options),
    open,
    AbortSignal.any([stop, enough.signal]),
  );
  return {
    /** Starts no more clients. @returns the number of orders that were due and not sent */
    async end(): Promise<number> {
      enough.abort();
      return (await generating).notSent;
    },
    /** Waits up to `patienceMs` for the clients that are left; then they give up. */
    async settle(patienceMs: number, hurry?: AbortSignal): Promise<void> {
      await Promise.race([Promise.all(open), pause(patienceMs, hurry)]);
      giveUp.abort();
      await Promise.all(open);
    },
    /** Completes the history file. */
    async close(): Promise<void> {
      await history.close();
      await api.close();
    },
  };
}
