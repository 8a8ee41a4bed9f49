import { pause } from '@valerix/service-kit/backoff';
import { runClient } from '../workload/client.ts';
import { generate } from '../workload/generate.ts';
import { openHistory } from '../workload/history.ts';
import { createOrderApi } from '../workload/order-api.ts';
import { schedule } from '../workload/schedule.ts';
import type { Run } from './run.ts';

export interface Clients {
  /** No client starts any more. @returns the orders that were due and not sent */
  end(): Promise<number>;
  /** Waits so long for the answers of those that are left, then has them give up. */
  settle(patienceMs: number, hurry?: AbortSignal): Promise<void>;
  /** The history is whole afterwards. */
  close(): Promise<void>;
}

/** Clients order by the run's schedule until the signal, or until they are ended; what they are told goes to the history. */
export function startClients(run: Run, stop: AbortSignal): Clients {
  const { seed, prefix, now, tally } = run;
  const workload = { ...run.experiment.valerix.workload, rate: run.rate };
  const enough = new AbortController();
  const giveUp = new AbortController();
  const history = openHistory(run.historyFile, (line) => tally.add(line));
  const api = createOrderApi(run.target.services.order.urls, workload.timeout_ms);
  const open = new Set<Promise<void>>();
  const onTrouble = () => tally.trouble(now());
  const options = { api, history, workload, seed, now, onTrouble, signal: giveUp.signal };
  const generating = generate(
    schedule({ workload, seed, durationMs: Number.POSITIVE_INFINITY, prefix }),
    now,
    (operation) => runClient(operation, options),
    open,
    AbortSignal.any([stop, enough.signal]),
  );
  return {
    async end() {
      enough.abort();
      return (await generating).notSent;
    },
    async settle(patienceMs, hurry) {
      await Promise.race([Promise.all(open), pause(patienceMs, hurry)]);
      giveUp.abort();
      await Promise.all(open);
    },
    async close() {
      await history.close();
      await api.close();
    },
  };
}
