import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createOrderApi,
  generate,
  type OrderApi,
  type PlannedOrder,
  type Reply,
  schedule,
  workloadSchema,
} from '@valerix/gameday/workload';

/** One client's order and the answers to it. */
export interface Operation {
  key: string;
  /** Every final answer: 201, 202 or 422. */
  answers: Reply[];
  /** Every other reply; its status is 0 for a connection that failed. */
  troubles: Reply[];
  /** The duration of each request, milliseconds, whatever its answer. */
  durations: number[];
}

export interface LoadOptions {
  /** Orders a second. */
  rate: number;
  /** Default: until it is stopped. */
  seconds?: number;
  /** Sends each order once: every failure is visible. */
  oneTry?: boolean;
}

export interface Load {
  /** Resolves when the last client is done. */
  over: Promise<Operation[]>;
  /** Starts no more clients, and waits for the running ones. */
  stop(): Promise<Operation[]>;
}

/**
 * Good clients at a rate independent of slow answers: each repeats its key until it is answered, for 30 s at most. Every fifth
 * order has several items; every tenth client loses its answer on purpose and asks again.
 */
export function startLoad(orderUrls: string[], { rate, seconds = 3_600, oneTry = false }: LoadOptions): Load {
  const shares = { multi_item: 0.2, replays: oneTry ? 0 : 0.1, cancellations: 0, reused_keys: 0 };
  const workload = workloadSchema.parse({ rate, max_quantity: 1, ...shares });
  // Few connections: all are in use every second. A stopping server may close an idle one just as a client reuses it.
  const api = oneTry ? createOrderApi(orderUrls, 60_000, 64) : createOrderApi(orderUrls, 5_000);
  const planned = schedule({ workload, seed: 1, durationMs: seconds * 1_000, prefix: randomUUID() });
  const start = performance.now();
  const stopping = new AbortController();
  const clients = new Set<Promise<void>>();
  const operations: Operation[] = [];
  const run = async (order: PlannedOrder) => {
    operations.push(await client(api, order, oneTry ? 0 : 30_000));
  };
  const load = async () => {
    await generate(planned, () => performance.now() - start, run, clients, stopping.signal);
    await Promise.all(clients);
    await api.close();
    return operations;
  };
  const over = load();
  return {
    over,
    stop: () => {
      stopping.abort();
      return over;
    },
  };
}

/** `rate` orders a second for so many seconds. */
export const runLoad = (orderUrls: string[], rate: number, seconds: number): Promise<Operation[]> =>
  startLoad(orderUrls, { rate, seconds }).over;

async function client(api: OrderApi, order: PlannedOrder, giveUpMs: number): Promise<Operation> {
  const { index, key, items, replayAfterMs } = order;
  const operation: Operation = { key, answers: [], troubles: [], durations: [] };
  const wanted = replayAfterMs === undefined ? 1 : 2;
  const end = performance.now() + giveUpMs;
  for (let attempt = 0; ; attempt++) {
    const sent = performance.now();
    const reply = await api.place(key, items, index + attempt);
    operation.durations.push(performance.now() - sent);
    const answered = [201, 202, 422].includes(reply.status);
    (answered ? operation.answers : operation.troubles).push(reply);
    if (operation.answers.length === wanted || performance.now() >= end) return operation;
    if (!answered) await sleep(50 + Math.random() * 200);
  }
}
