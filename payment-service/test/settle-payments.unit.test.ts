import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from '@valerix/service-kit/logger';
import { expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import type { Payment } from '../src/decide-payment.ts';
import { createSettler } from '../src/settle-payments.ts';

it('at a stop, the worker ends the batch in hand and begins no other, however many payments wait', async () => {
  const BATCHES = 500;
  let claims = 0;
  let stopping: Promise<void> | undefined;
  const settler: ReturnType<typeof createSettler> = createSettler({
    store: {
      async claim() {
        await turn();
        if (claims === 2) stopping = settler.stop();
        return ++claims < BATCHES ? [{ order_id: String(claims) } as Payment] : [];
      },
    },
    askProvider: async (payment) => payment,
    logger: { warn() {} } as unknown as Logger,
    sweepIntervalMs: 60_000,
    maxBatch: 1,
  });
  await eventually(async () => expect(stopping).toBeDefined());
  await stopping;
  expect(claims).toBe(3);
});

it('a worker that waits for room when it is stopped claims nothing more', async () => {
  const open = Promise.withResolvers<void>();
  const claims: string[][] = [
    ['quick', 'slow 1'],
    ['slow 2', 'quick'],
  ];
  let claimed = 0;
  const settler = createSettler({
    store: { claim: async () => (claims[claimed++] ?? ['late']).map((order_id) => ({ order_id }) as Payment) },
    askProvider: async (payment) => {
      if (payment.order_id.startsWith('slow')) await open.promise;
      return payment;
    },
    logger: { warn() {} } as unknown as Logger,
    sweepIntervalMs: 60_000,
    maxBatch: 3,
  });
  await eventually(async () => expect(claimed).toBe(2));
  await turn();
  const stopped = settler.stop();
  open.resolve();
  await stopped;
  expect(claimed).toBe(2);
});
