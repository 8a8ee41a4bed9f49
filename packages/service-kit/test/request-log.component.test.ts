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

it.each([
  [
    'the key of a guest',
    '?status=failed&idempotency_key=key-of-a-guest&limit=1',
    '?status=failed&idempotency_key=…&limit=1',
  ],
  ['an email', '?email=ada%40example.org&limit=2', '?email=…&limit=2'],
  ['what a person searched for', '?search=a-key&status=queued', '?search=…&status=queued'],
  ['a token that belongs in a header', '?access_token=eyJhbGciOi&eyJhbGciOi=&eyJhbGciOi', '?access_token=…&…&…'],
  ['a token behind a name whose values are logged', '?limit=x?token=y', '?limit=…'],
  ['a name in place of a value', '?a=b?limit=1&=secret', '?a=…&…'],
])('%s in a query stays out of the log', async (_what, query, logged) => {
  const { port } = server.address() as AddressInfo;
  await fetch(`http://127.0.0.1:${port}/orders${query}`);
  const path = `/orders${logged}`;
  await expect.poll(() => info.mock.lastCall).toMatchObject([{ path }, `GET ${path} 200`]);
});
