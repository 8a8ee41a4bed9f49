import { createLogger } from '@valerix/service-kit/logger';
import { Gauge } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';
import { expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type AuditorOptions, createAuditor } from '../src/audit-integrity.ts';

// I13. A ledger in which nothing belongs to an order, such as after the order database was restored to an older state.
it('should read no further while more orders are doubtful than it can look up', async () => {
  const recorded_at = new Date(Date.now() - 3_600_000).toISOString();
  const event = { position: '1.1', type: 'order.created', order_id: uuidv7(), at: Date.now(), lines: 'ps5:1' };
  let read = 0;
  let lookedUp = 0;
  const auditor = createAuditor({
    store: {
      eventsAfter: async (position) => (position === '0.0' ? [event] : []),
      findAll: async () => [],
    },
    ledger: {
      after: async (_position, limit) =>
        Array.from({ length: limit }, () => {
          read++;
          const order_id = uuidv7();
          const what = { type: 'deduct' as const, item_id: 'ps5', quantity: 1, order_id, restock_id: null };
          return { position: `1.${read}`, ...what, recorded_at };
        }),
      ofOrder: async () => {
        lookedUp++;
        return [];
      },
      stock: async () => [],
    },
    metrics: { integrityViolations: new Gauge({ name: 'violations', help: 'none', labelNames: ['invariant'] }) },
    logger: createLogger({ service: 'test', replica: 'test', level: 'silent' }),
    intervalMs: 1,
    graceMs: 0,
  });
  auditor.start();
  try {
    await eventually(async () => expect(lookedUp).toBeGreaterThan(500));
    expect(read).toBeLessThan(20_000);
    expect(auditor.state()).toMatchObject({ verdict: 'unknown', detail: 'the audit is catching up with the history' });
  } finally {
    await auditor.stop();
  }
});

it('should say how long it has been blind, and log the begin and the end of it once each', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  let asked = 0;
  let away = true;
  const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
  const [warned, informed] = [vi.spyOn(logger, 'warn'), vi.spyOn(logger, 'info')];
  const ask = async () => {
    asked++;
    if (away) throw new Error('the warehouse is away');
    return [];
  };
  const auditor = createAuditor({
    store: { eventsAfter: async () => [], findAll: async () => [] },
    ledger: { after: ask, ofOrder: ask, stock: ask },
    metrics: { integrityViolations: new Gauge({ name: 'blind', help: 'none', labelNames: ['invariant'] }) },
    logger,
    intervalMs: 1,
    graceMs: 0,
  } satisfies AuditorOptions);
  auditor.start();
  try {
    vi.setSystemTime(Date.now() + 120_000);
    await eventually(() => expect(asked).toBeGreaterThan(3));
    expect(auditor.lagSeconds()).toBe(120);
    expect(warned).toHaveBeenCalledTimes(1);

    away = false;
    await eventually(() => expect(auditor.lagSeconds()).toBe(0));
    expect(informed).toHaveBeenCalledTimes(1);
    away = true;
    vi.setSystemTime(Date.now() + 70_000);
    await eventually(() => expect(warned).toHaveBeenCalledTimes(2));
    expect(auditor.lagSeconds()).toBe(70);
  } finally {
    await auditor.stop();
    vi.useRealTimers();
  }
});
