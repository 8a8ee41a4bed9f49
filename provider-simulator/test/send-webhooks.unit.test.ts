import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from '@valerix/service-kit/logger';
import { expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { sendWebhooks } from '../src/send-webhooks.ts';

it('at a stop, the webhooks in hand are sent and no others, however many are due', async () => {
  const PAGES = 500;
  let pages = 0;
  let stopping: Promise<void> | undefined;
  const sending: ReturnType<typeof sendWebhooks> = sendWebhooks(
    {
      store: {
        async claimWebhooks(limit) {
          await turn();
          if (pages === 2) stopping = sending.stop();
          const length = ++pages < PAGES ? limit : 0;
          return Array.from({ length }, (_, n) => ({ id: `${n}`, reference: '', body: '', deliveries: 1, due_at: '' }));
        },
        delivered: async () => {},
      },
      charges: { succeedLate: async () => {}, later: () => new Date() },
      logger: { warn() {}, debug() {} } as unknown as Logger,
      intervalMs: 60_000,
    },
    async () => {},
  );
  await eventually(async () => expect(stopping).toBeDefined());
  await stopping;
  expect(pages).toBe(3);
});
