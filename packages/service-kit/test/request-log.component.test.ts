import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, expect, it, vi } from 'vitest';
import { createLogger } from '../src/logger.ts';
import { requestLog } from '../src/request-log.ts';

const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
const info = vi.spyOn(logger, 'info');
let arrived: () => void;
const app = express();
app.use(requestLog(logger));
app.get('/never', () => arrived());
app.get('/stream', (_req, res) => {
  res.write('begun');
  arrived();
});
app.get('/orders', (_req, res) => void res.end());
const server = app.listen(0, '127.0.0.1');
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it.each([
  ['/never', 499, 'nothing was sent'],
  ['/stream', 200, 'its stream had begun'],
])('a caller that leaves %s is logged with %i: %s', async (path, status) => {
  const { port } = server.address() as AddressInfo;
  const there = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const caller = new AbortController();
  const request = fetch(`http://127.0.0.1:${port}${path}`, { signal: caller.signal }).then((response) =>
    response.text(),
  );
  await there;
  caller.abort();
  await expect(request).rejects.toThrow();
  await expect.poll(() => info.mock.lastCall?.[0]).toMatchObject({ path, status });
});

it('a key that a URL looks up stays out of the log: whoever knows it is its guest', async () => {
  const { port } = server.address() as AddressInfo;
  await fetch(`http://127.0.0.1:${port}/orders?status=failed&idempotency_key=key-of-a-guest&limit=1`);
  const path = '/orders?status=failed&idempotency_key=…&limit=1';
  await expect.poll(() => info.mock.lastCall).toMatchObject([{ path }, `GET ${path} 200`]);
});
