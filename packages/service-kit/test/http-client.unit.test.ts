import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createHttpClient } from '../src/http-client.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const GET = { method: 'GET', path: '/a', headers: {} } as const;

it('sends method, path, headers and body, below the path of its address', async () => {
  const url = await serve(async (req, res) => {
    const body = (await req.toArray()).join('');
    res.writeHead(201).end(`${req.method} ${req.url} ${req.headers['x-name']} ${body}`);
  });
  const ask = createHttpClient({ url: `${url}/below`, timeoutMs: 5_000, connections: 1 });
  const answer = await ask({ method: 'POST', path: '/a?b=c', headers: { 'x-name': 'n' }, body: 'ö' });
  expect(answer).toEqual({ status: 201, text: 'POST /below/a?b=c n ö' });
  expect(await ask(GET)).toEqual({ status: 201, text: 'GET /below/a undefined ' });
});

it('gives up an answer that does not begin or does not end in time, and a request that waits for a connection', async () => {
  const url = await serve((req, res) => {
    if (req.url === '/half') res.writeHead(200).write('half of it');
  });
  const ask = createHttpClient({ url, timeoutMs: 50, connections: 1 });
  const asked = [ask({ ...GET, path: '/half' }), ask(GET), ask(GET)];
  for (const each of await Promise.allSettled(asked)) {
    expect(each).toMatchObject({ status: 'rejected', reason: { message: 'no answer within 50 ms' } });
  }
});

it('rejects when the connection is refused, or cut before the answer has ended', async () => {
  const url = await serve((_req, res) => void res.writeHead(200).write('half', () => res.destroy()));
  await expect(createHttpClient({ url, timeoutMs: 5_000, connections: 1 })(GET)).rejects.toThrow();
  const nobody = createHttpClient({ url: 'http://127.0.0.1:9', timeoutMs: 5_000, connections: 1 });
  await expect(nobody(GET)).rejects.toThrow('ECONNREFUSED');
});
