import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkRun } from '@valerix/gameday/check-run';
import { startClients } from '@valerix/gameday/clients';
import { Tally } from '@valerix/gameday/tally';
import { workloadSchema } from '@valerix/gameday/workload';
import { Redis } from 'ioredis';
import { eventually } from '../support/eventually.ts';
import { insist, isFinal, orderRequest } from '../support/good-client.ts';
import { type Answer, ask } from '../support/http.ts';
import { ITEMS, type SweepStack } from './sweep-stack.ts';

/** Answers that no client may get: the history's part of the verdict. The databases are checked afterwards. */
export type Complaints = string[];
export type Story = (lab: SweepStack) => Promise<Complaints>;

const line = (quantity = 1, item_id = ITEMS[0] as string) => [{ item_id, quantity }];
/** An item that no story restocks: 20 on hand. */
const CHAIRS = { item: 'chair', onHand: 20 };

/** Typical failures, one story each. With every guard in place each of them ends well. */
export const STORIES = {
  // First: its reads of stock are judged only where nobody else has ordered.
  'readers beside clients who order and cancel': async (lab) => {
    const folder = mkdtempSync(join(tmpdir(), 'valerix-readers-'));
    const zero = performance.now();
    // The restocks of the stack have this prefix too, so they count as made before the load.
    const run = { seed: 1, prefix: 'sweep', rate: 25, historyFile: join(folder, 'history.jsonl'), tally: new Tally() };
    const workload = workloadSchema.parse({ rate: 25, reads: 0.75, cancellations: 0.3, items: ITEMS });
    const setting = { now: () => performance.now() - zero, target: lab.stack, experiment: { valerix: { workload } } };
    const clients = startClients({ ...run, ...setting }, new AbortController().signal);
    try {
      await sleep(1_000);
      // Some orders are queued, and settle while they are read.
      await lab.chaos.arm({ service: 'order-service', point: 'outbound', type: 'error', max_hits: 20 });
      await sleep(2_000);
    } finally {
      await clients.end();
      await clients.settle(2_000);
      await clients.close();
    }
    try {
      await noneOpen(lab, 20_000);
      const { violations } = await checkRun({ services: lab.stack.services, ...run, fresh: true });
      const { reads } = run.tally.totals;
      return [
        ...(reads < 100 ? [`only ${reads} reads were answered`] : []),
        ...violations.map(({ invariant, detail }) => `${invariant}: ${detail}`),
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },

  'a lost reply': async (lab) => {
    await lab.chaos.arm({ service: 'inventory-service', point: 'after-commit', type: 'error', max_hits: 1 });
    await settled(lab, await place(lab));
    return [];
  },

  'late replies': async (lab) => {
    const params = { latency_ms: 800 };
    await lab.chaos.arm({ service: 'inventory-service', point: 'after-commit', type: 'latency', params, max_hits: 2 });
    await settled(lab, await place(lab));
    return [];
  },

  'a lost reply to a cancellation': async (lab) => {
    const order = await settled(lab, await place(lab));
    await lab.chaos.arm({ service: 'inventory-service', point: 'after-commit', type: 'error', max_hits: 1 });
    await cancel(lab, order);
    return [];
  },

  'an inventory service that is cut off': async (lab) => {
    await cutOff(lab);
    await settled(lab, await place(lab));
    return [];
  },

  'more than there is': async (lab) => {
    await settled(lab, await place(lab, line(CHAIRS.onHand + 5, CHAIRS.item)));
    return [];
  },

  'exactly what there is': async (lab) => {
    const order = await settled(lab, await place(lab, line(CHAIRS.onHand, CHAIRS.item)));
    // Whoever comes next finds what was left.
    await cancel(lab, order);
    return [];
  },

  'one key ten times at once': async (lab) => {
    // Slow enough that all ten arrive before the first is written.
    const params = { latency_ms: 150 };
    await lab.chaos.arm({ service: 'order-service', point: 'dependency.postgres', type: 'dependency-slow', params });
    const request = orderRequest(randomUUID(), line());
    await Promise.all(Array.from({ length: 10 }, () => insist(`${lab.orderUrl}/api/orders`, request, isFinal)));
    return [];
  },

  'death right after the answer': async (lab) => {
    const answer = await place(lab);
    await lab.stack.process('order-service').kill('SIGKILL');
    await lab.stack.process('order-service').untilReady();
    const found = await ask(`${lab.orderUrl}/api/orders/${idOf(answer)}`);
    return found.status === 200 ? [] : [`I7: ${answer.status} was answered, and now the order is ${found.status}`];
  },

  'death before the inventory service is called': async (lab) => {
    const params = { min_interval_ms: 0 };
    await lab.chaos.arm({ service: 'order-service', point: 'order.after-create', type: 'crash', params, max_hits: 1 });
    await ask(`${lab.orderUrl}/api/orders`, orderRequest(randomUUID(), line())).catch(() => undefined);
    await lab.stack.process('order-service').untilReady();
    await noneOpen(lab);
    return [];
  },

  'a deduction after the cancellation': async (lab) => {
    await cancelWhileHeld(lab, 'worker.after-claim', 'worker.before-settle');
    return [];
  },

  'a worker that wakes after the cancellation': async (lab) => {
    await cancelWhileHeld(lab, 'worker.before-settle', 'worker.after-settle');
    return [];
  },

  'a replay after the order settled': async (lab) => {
    await cutOff(lab);
    const key = randomUUID();
    const first = await insist(`${lab.orderUrl}/api/orders`, orderRequest(key, line()), isFinal);
    await settled(lab, first);
    // I11: the promise must hold without Redis.
    const redis = new Redis(lab.stack.redisUrl);
    await redis.flushall();
    redis.disconnect();
    const again = await insist(`${lab.orderUrl}/api/orders`, orderRequest(key, line()), isFinal);
    const same = again.status === first.status && again.text === first.text;
    return same ? [] : [`I10: first ${first.status} ${first.text}, then ${again.status} ${again.text}`];
  },
} as const satisfies Record<string, Story>;

export const idOf = ({ body }: Answer): string => body.order?.order_id ?? body.order_id;

const place = (lab: SweepStack, items = line()): Promise<Answer> =>
  insist(`${lab.orderUrl}/api/orders`, orderRequest(randomUUID(), items), isFinal);

export const cancel = (lab: SweepStack, id: string) =>
  insist(
    `${lab.orderUrl}/api/orders/${id}/cancel`,
    { method: 'POST' },
    ({ status, body }) => (status === 409 && body.code === 'ORDER_NOT_CANCELLABLE') || status === 200,
    { limitMs: lab.settleLimitMs },
  ).catch(() => {});

/** Both attempts of the next call to the inventory service fail on the way. */
export const cutOff = (lab: SweepStack) =>
  lab.chaos.arm({ service: 'order-service', point: 'outbound', type: 'error', max_hits: 2 });

/** Waits for the end of the order, up to its limit; the checker judges whether it came (I8). */
export async function settled(lab: SweepStack, answer: Answer): Promise<string> {
  const id = idOf(answer);
  await eventually(async () => {
    const { body } = await ask(`${lab.orderUrl}/api/orders/${id}`);
    if (!['confirmed', 'failed', 'cancelled'].includes(body.order?.status)) throw new Error('not settled');
  }, lab.settleLimitMs).catch(() => {});
  return id;
}

/** Waits until no order is open, up to the limit; the checker judges whether they settled (I8). */
async function noneOpen(lab: SweepStack, limitMs = lab.settleLimitMs): Promise<void> {
  await eventually(async () => {
    for (const status of ['pending', 'queued', 'cancelling']) {
      const { body } = await ask(`${lab.orderUrl}/api/orders?status=${status}`);
      if (body.items.length > 0) throw new Error(`still ${status}`);
    }
  }, limitMs).catch(() => {});
}

type WorkerPoint = 'worker.after-claim' | 'worker.before-settle' | 'worker.after-settle';

/** Holds a worker at `here` while the order's client cancels; ends when the worker has passed `next`. */
async function cancelWhileHeld(lab: SweepStack, here: WorkerPoint, next: WorkerPoint): Promise<void> {
  const held = await lab.chaos.arm({
    service: 'order-service',
    point: here,
    type: 'latency',
    params: { latency_ms: 900 },
    max_hits: 1,
  });
  const probe = await lab.chaos.arm({
    service: 'order-service',
    point: next,
    type: 'latency',
    params: { latency_ms: 0 },
  });
  await cutOff(lab);
  const answer = await place(lab);
  await eventually(() => requireFired(lab, held.id));
  await cancel(lab, idOf(answer));
  await eventually(() => requireFired(lab, probe.id));
  await settled(lab, answer);
}

export async function requireFired(lab: SweepStack, id: string): Promise<void> {
  if ((await lab.chaos.fired(id)) === 0) throw new Error(`inconclusive: fault ${id} never fired`);
}
