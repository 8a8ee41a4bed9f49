import type { Request, Response } from 'express';
import { expect, test } from 'vitest';
import { inboundFaults } from '../../src/chaos/inbound.ts';
import { createInjector } from '../../src/chaos/injector.ts';

const ID = '0191d3a0-7f5e-7d0a-9b52-2f6f0f6f3a11';

const requests: [string, Partial<Request>][] = [
  ['in the path', { method: 'GET', path: `/api/orders/${ID.toUpperCase()}` }],
  ['in the body', { method: 'POST', path: '/api/inventory/release', body: { order_id: ID.toUpperCase() } }],
];

test.each(requests)(
  'a fault on one order hits it when its caller writes the id %s in capitals',
  async (_where, request) => {
    const injector = createInjector({
      service: 'inventory-service',
      replica: 'r1',
      points: ['inbound'],
      turns: { take: async () => 'skip' },
      marks: { send: () => {}, sent: async () => {} },
    });
    const fault = {
      id: 'f1',
      service: 'inventory-service' as const,
      point: 'inbound',
      type: 'error' as const,
      match: { order_id: ID },
      percentage: 100,
      params: {},
      seed: 1,
      created_by: 'test',
      reason: 'test',
      created_at: '2026-01-01T00:00:00Z',
      expires_at: '2026-01-01T00:05:00Z',
    };
    injector.load([{ fault, remainingMs: 60_000 }]);
    const handler = inboundFaults(injector, { exempt: [] });
    const failure = await new Promise((next) => handler({ headers: {}, ...request } as Request, {} as Response, next));
    expect(failure).toMatchObject({ code: 'INJECTED_FAULT' });
  },
);
