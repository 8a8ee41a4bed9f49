import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { createRegistry, requestMetrics } from '../src/metrics.ts';

const registry = createRegistry();
const app = express();
app.use(requestMetrics(registry, [{ method: 'POST', route: '/orders', status_code: '503' }]).handler);
app.use(express.json());
app.get('/orders/:id', (_req, res) => void res.json({}));
app.all('/orders/:id', (_req, res) => void res.sendStatus(405));
app.post('/orders', (_req, res) => void res.sendStatus(201));
app.get('/never', () => {});
app.use((error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
  res.status(400).end(error.name);
});
const server = app.listen(0, '127.0.0.1');
let url: string;
beforeAll(() => {
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** How many requests have these labels; undefined when there is no such series. */
async function count(method: string, route: string, status_code: string): Promise<number | undefined> {
  const metric = await registry.getSingleMetric('http_request_duration_seconds')?.get();
  const wanted = JSON.stringify({ method, route, status_code });
  const name = 'http_request_duration_seconds_count';
  // prom-client types the samples of a histogram as if they had no names of their own.
  const samples = (metric?.values ?? []) as { metricName?: string; labels: object; value: number }[];
  return samples.find((sample) => sample.metricName === name && JSON.stringify(sample.labels) === wanted)?.value;
}

interface Case {
  name: string;
  method: string;
  path: string;
  labels: [method: string, route: string, status_code: string];
}

it.each([
  {
    name: 'a path counts under the template of its route',
    method: 'GET',
    path: '/orders/7',
    labels: ['GET', '/orders/:id', '200'],
  },
  {
    name: 'a path nobody serves has no route, nor a method',
    method: 'GET',
    path: '/a/b',
    labels: ['OTHER', 'unmatched', '404'],
  },
  {
    name: 'a method the route refuses is not the caller’s to name',
    method: 'PATCH',
    path: '/orders/7',
    labels: ['OTHER', '/orders/:id', '405'],
  },
  {
    name: 'a body that cannot be read counts for the expected route',
    method: 'POST',
    path: '/orders',
    labels: ['POST', '/orders', '400'],
  },
] as Case[])('$name', async ({ method, path, labels }) => {
  const body = method === 'POST' ? { body: '{', headers: { 'Content-Type': 'application/json' } } : {};
  await fetch(url + path, { method, ...body });
  await eventually(async () => expect(await count(...labels)).toBe(1));
});

it('what is expected is there before it happens, and nothing else is', async () => {
  expect(await count('POST', '/orders', '503')).toBe(0);
  expect(await count('POST', '/orders', '500')).toBeUndefined();
});

it('a caller that leaves is counted as 499', async () => {
  await expect(fetch(`${url}/never`, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
  await eventually(async () => expect(await count('GET', '/never', '499')).toBe(1));
});

it('two processes that start within a second tell different start times', async () => {
  const [started] = (await registry.getSingleMetric('process_start_time_seconds')?.get())?.values ?? [];
  expect(started?.value).toBe(performance.timeOrigin / 1_000);
});
