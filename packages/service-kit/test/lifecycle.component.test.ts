import { once } from 'node:events';
import { Agent, createServer, get, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Request, Response } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lifecycle } from '../src/lifecycle.ts';
import { createLogger } from '../src/logger.ts';

const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
const warn = vi.spyOn(logger, 'warn');
let server: Server;
let port: number;
let responses: ServerResponse[];
let laterSteps: string[];
let lifecycle: Lifecycle;

async function start(graceMs: number): Promise<void> {
  lifecycle = new Lifecycle({ logger, graceMs, delayMs: 0 });
  port = await lifecycle.listen(server, 0, '127.0.0.1');
  for (const name of ['worker', 'pool']) lifecycle.onStop(name, () => laterSteps.push(name));
}

/** A connection that has sent this much and reads nothing, accepted. */
async function connected(sent = ''): Promise<Socket> {
  const accepted = once(server, 'connection');
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.write(sent);
  const [there] = (await accepted) as [Socket];
  await expect.poll(() => there.bytesRead).toBe(sent.length);
  return socket;
}

beforeEach(() => {
  responses = [];
  laterSteps = [];
  warn.mockClear();
  server = createServer((req, res) => {
    lifecycle.closeConnectionsWhileDraining(req as Request, res as Response, () => responses.push(res));
  });
});
afterEach(() => server.closeAllConnections());

describe('a graceful stop', () => {
  it('should let requests finish, and not wait for connections that sent none', async () => {
    await start(60_000);
    const [used, silent] = [once(get({ port, agent: false }), 'response'), await connected()];
    await expect.poll(() => responses.length).toBe(1);
    const stopped = lifecycle.stop();
    await once(silent, 'close');
    responses[0]?.end('finished');
    const [response] = await used;
    expect((await response.setEncoding('utf8').toArray()).join('')).toBe('finished');
    await stopped;
    expect(laterSteps).toEqual(['worker', 'pool']);
    expect(warn).not.toHaveBeenCalled();
  });

  it('should not wait for the next request of a connection whose last one it answers while it stops', async () => {
    await start(60_000);
    const agent = new Agent({ keepAlive: true });
    const used = once(get({ port, agent }), 'response');
    await expect.poll(() => responses.length).toBe(1);
    const since = performance.now();
    const stopped = lifecycle.stop();
    await expect.poll(() => server.listening).toBe(false);
    responses[0]?.end('finished');
    const [response] = await used;
    expect((await response.setEncoding('utf8').toArray()).join('')).toBe('finished');
    await stopped;
    // Five seconds and one more is what Node.js gives a connection that may be used again.
    expect(performance.now() - since).toBeLessThan(4_000);
    agent.destroy();
  });

  it.each([
    ['headers', 'GET / HTTP/1.1\r\n'],
    ['a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'],
  ])('should cut a request that stalls in %s, so that the later steps run', async (_what, sent) => {
    await start(3_000);
    const stalled = await connected(sent);
    await Promise.all([lifecycle.stop(), once(stalled, 'close')]);
    expect(laterSteps).toEqual(['worker', 'pool']);
    expect(warn).toHaveBeenCalledOnce();
  });
});
