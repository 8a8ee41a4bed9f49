import { createLogger } from '@valerix/service-kit/logger';
import { createRegistry } from '@valerix/service-kit/metrics';
import { expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { createMetrics } from '../src/metrics.ts';
import { watchPayments } from '../src/payments-gauge.ts';

it('keeps the age of the oldest open payment while the database is away', async () => {
  const registry = createRegistry();
  const stuck = '\npayments_open_oldest_age_seconds{waits_for="refund"} 900';
  let asked = 0;
  const countOpen = async () => {
    if (++asked > 1) throw new Error('connect ECONNREFUSED');
    return [{ waits_for: 'refund' as const, payments: 1, amount_cents: 500, oldest_seconds: 900 }];
  };
  const logger = createLogger({ service: 'payment-service', replica: 'test', level: 'fatal' });
  const watch = watchPayments({ reads: { countOpen }, metrics: createMetrics(registry), logger });
  try {
    await eventually(() => expect(asked).toBe(2));
    expect(await registry.metrics()).toContain(stuck);
  } finally {
    await watch.stop();
  }
});
