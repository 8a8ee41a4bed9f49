import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedRoute } from '../src/server/allow-list.ts';

const ID = '0190a6c1-0000-7000-8000-000000000001';

describe('the allow-list', () => {
  it.each([
    ['POST', '/api/orders', 'order', false],
    ['GET', `/api/orders/${ID}/events`, 'order', false],
    ['POST', `/api/orders/${ID}/cancel`, 'order', false],
    ['POST', '/api/queue/redrive', 'order', true],
    ['POST', `/api/queue/${ID}/redrive`, 'order', true],
    ['GET', '/api/inventory/ledger', 'inventory', false],
    ['POST', '/api/inventory', 'inventory', true],
    ['PATCH', '/api/inventory/ps5', 'inventory', true],
    ['POST', '/api/inventory/ps5/restock', 'inventory', true],
    ['GET', '/api/payments', 'payment', true],
    ['GET', '/api/payments/open', 'payment', true],
    ['GET', '/api/payments/reconciliation', 'payment', true],
    ['POST', '/api/payments/reconcile', 'payment', true],
    ['GET', `/api/payments/${ID}`, 'payment', true],
    ['DELETE', '/api/admin/chaos', 'any', true],
    ['DELETE', '/api/admin/chaos/faults/f-1', 'any', true],
    ['POST', '/api/admin/chaos/halt', 'every', true],
    ['GET', '/api/admin/chaos/audit', 'every', true],
    ['GET', '/api/experiments', 'laboratory', false],
    ['POST', '/api/gamedays', 'laboratory', true],
    ['GET', '/api/gamedays/2026-11-21T14-56-18-rolling-restart/stream', 'laboratory', false],
    ['POST', '/api/gamedays/2026-11-21T14-56-18-mix/stop', 'laboratory', true],
    ['GET', '/api/gamedays/2026-11-21T14-56-18-mix/history', 'laboratory', true],
  ])('%s %s goes to %s', (method, path, upstream, operator) => {
    expect(allowedRoute(method, path)).toMatchObject({ upstream, operator });
  });

  it('passes nothing under the admin path without an operator', () => {
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
      for (const path of ['', '/faults', '/faults/a', '/halt', '/rearm', '/audit', '/failpoints']) {
        const route = allowedRoute(method, `/api/admin/chaos${path}`);
        if (route !== null) expect(route.operator).toBe(true);
      }
    }
  });

  it.each([
    ['POST', '/api/inventory/deduct'],
    ['POST', '/api/inventory/release'],
    ['POST', '/api/inventory/commands'],
    ['POST', '/api/payments/commands'],
    ['POST', '/api/payments/webhooks'],
    ['POST', '/api/payments/forget'],
    ['GET', '/api/payments/reconcile'],
    ['GET', '/metrics'],
    ['GET', '/health'],
    ['PUT', '/api/orders'],
    ['PATCH', '/api/inventory'],
    ['DELETE', '/api/inventory/ps5'],
    ['GET', '/api/orders/'],
    ['GET', '/api/orders/../../metrics'],
    ['GET', `/api/orders/${ID}/../../inventory`],
    ['GET', '/api/orders/%2e%2e/metrics'],
    ['DELETE', '/api/admin/chaos/faults/a/b'],
    ['GET', '/api/gamedays/..'],
    ['GET', '/api/gamedays/2026-11-21T14-56-18-../../x/report'],
    ['DELETE', '/api/gamedays/2026-11-21T14-56-18-mix'],
    ['GET', `/api/orders/${ID}\n/events`],
  ])('refuses %s %s', (method, path) => {
    expect(allowedRoute(method, path)).toBeNull();
  });

  it('refuses any path with characters that could lead elsewhere', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE'), (tail, method) => {
        fc.pre(/[^A-Za-z0-9_./-]/.test(tail) || tail.includes('..'));
        if (tail.includes('..') && !tail.includes('/') && !/[^A-Za-z0-9_.-]/.test(tail)) return;
        expect(allowedRoute(method, `/api/orders/${tail}`)).toBeNull();
        expect(allowedRoute(method, `/api/inventory/${tail}`)).toBeNull();
      }),
    );
  });
});
