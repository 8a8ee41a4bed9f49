import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRegistry } from '@valerix/service-kit/metrics';
import { requestContext } from '@valerix/service-kit/request-context';
import express from 'express';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../../test/support/http.ts';
import { createAdmission } from '../src/admission.ts';
import { createMetrics } from '../src/metrics.ts';
import type { Order } from '../src/order.ts';
import { MIN_LIMIT } from '../src/order-limit.ts';

const CLIENTS = 2 * MIN_LIMIT;
const T0_MS = 150;
const registry = createRegistry();
const server = createServer();
let url: string;
let readersClosed: () => boolean;

/** An order path whose T0 takes as long as a long queue makes it. */
beforeAll(async () => {
  const admission = createAdmission({
    max: 10 * MIN_LIMIT,
    targetMs: T0_MS / 10,
    metrics: createMetrics(registry),
    readGate: ({ closed }) => {
      readersClosed = closed;
      return (_req, _res, next) => next();
    },
  });
  const store = admission.timed({
    create: (_order: Order) => new Promise<boolean>((resolve) => setTimeout(resolve, T0_MS, true)),
  });
  const app = express().use(requestContext).use(admission.handler);
  app.post('/api/orders', async (_req, res) => {
    await store.create({} as Order);
    res.status(201).end();
  });
  server.on('request', app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/orders`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function place(): Promise<number> {
  const answer = await ask(url, { method: 'POST', headers: { 'Idempotency-Key': randomUUID() } });
  if (answer.status === 429) expect(answer.headers.get('retry-after')).toBe('1');
  return answer.status;
}

it('admits fewer orders when they wait too long for T0, tells the others at once, and closes the gate of readers', async () => {
  const statuses: number[] = [];
  let closed = false;
  let stopped = false;
  const client = async () => {
    while (!stopped) {
      statuses.push(await place());
      closed ||= readersClosed();
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  await expect
    .poll(() => statuses.filter((status) => status === 429).length, { timeout: 15_000 })
    .toBeGreaterThan(CLIENTS);
  stopped = true;
  await Promise.all(clients);
  expect(closed).toBe(true);
  expect(statuses.filter((status) => status === 201).length).toBeGreaterThan(MIN_LIMIT);
  expect(await registry.metrics()).toMatch(/^orders_in_progress 0$/m);
});
