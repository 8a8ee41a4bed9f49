import { pause } from '@valerix/service-kit/backoff';
import type { Workload } from '../experiment/valerix-extension.ts';
import type { Target } from '../targets/target.ts';
import { runClient } from '../workload/client.ts';
import { GUESTS } from '../workload/customers.ts';
import { generate } from '../workload/generate.ts';
import { openHistory } from '../workload/history.ts';
import { createOrderApi } from '../workload/order-api.ts';
import { createReader, MAX_READS } from '../workload/reader.ts';
import { schedule, scheduleReads } from '../workload/schedule.ts';
import type { Run } from './run.ts';

export type Clients = ReturnType<typeof startClients>;

/** What the clients of a run need to know of it. */
type Clientele = Pick<Run, 'seed' | 'prefix' | 'now' | 'tally' | 'rate' | 'historyFile'> & {
  target: Pick<Target, 'services' | 'operatorToken'>;
  experiment: { valerix: { workload: Workload } };
};

/** Starts clients by the run's schedule until the signal aborts or `end` is called, and writes the history. */
export function startClients(run: Clientele, stop: AbortSignal, customers = GUESTS) {
  const { seed, prefix, now, tally } = run;
  const workload = { ...run.experiment.valerix.workload, rate: run.rate };
  const enough = new AbortController();
  const giveUp = new AbortController();
  const history = openHistory(run.historyFile, (line) => tally.add(line));
  const { services, operatorToken } = run.target;
  const api = createOrderApi(services.order.urls, workload.timeout_ms, 256, operatorToken, customers);
  const items = [...workload.items, ...(workload.hot_item ? [workload.hot_item.item_id] : [])];
  const timeoutMs = workload.timeout_ms;
  const reader = createReader({ services, operatorToken, customers, history, timeoutMs, seed, prefix, items, now });
  const [open, reading] = [new Set<Promise<void>>(), new Set<Promise<void>>()];
  const onTrouble = () => tally.trouble(now());
  const signal = giveUp.signal;
  const options = { api, reader, history, workload, seed, now, onTrouble, followed: new Set<string>(), signal };
  const over = AbortSignal.any([stop, enough.signal]);
  const orders = schedule({ workload, seed, durationMs: Number.POSITIVE_INFINITY, prefix });
  const ordering = generate(orders, now, (operation) => runClient(operation, options), open, over);
  const reads = generate(scheduleReads({ workload, seed }), now, reader.run, reading, over, MAX_READS);
  return {
    /** Starts no more clients. @returns the number of orders that were due and not sent */
    async end(): Promise<number> {
      enough.abort();
      await reads;
      return (await ordering).notSent;
    },
    /** Waits up to `patienceMs` for the clients that are left; then they give up. */
    async settle(patienceMs: number, hurry?: AbortSignal): Promise<void> {
      await Promise.race([Promise.all(open), pause(patienceMs, hurry)]);
      giveUp.abort();
      await Promise.all([...open, ...reading]);
    },
    /** Completes the history file. */
    async close(): Promise<void> {
      await history.close();
      await Promise.all([api.close(), reader.close(), customers.stop()]);
    },
  };
}
