import { once } from 'node:events';
import { type ClientRequest, createServer, get, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GUEST, type Principal } from '@valerix/service-kit/identity/principal';
import { createLogger } from '@valerix/service-kit/logger';
import { errorHandler } from '@valerix/service-kit/problem';
import express, { type Response } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEventFeed, type EventFeed, type EventFeedOptions } from '../src/event-feed.ts';
import type { TailedEvent } from '../src/order-reads-store.ts';

const MAX_LISTENERS = 2;
/** Events in one page of the outbox. */
const PAGE = 500;
const MAX_BUFFERED_BYTES = 2_000_000;
const END = '9.0';

/** Lookups of the end of the outbox that wait for the test to answer them. */
let lookups: (() => void)[];
/** Answers to requests that arrived, and how many are over. */
let arrived: Response[];
let over: number;
let eventsAfter: (position: string) => Promise<TailedEvent[]>;
let endOfEvents: () => Promise<string>;
let feed: EventFeed;
/** Who connects. */
let principal: Principal;
const server = createServer();
let port: number;

/** The feed anew, with other options. */
async function restart(options: Partial<EventFeedOptions>): Promise<void> {
  await feed?.stop();
  feed = createEventFeed({
    reads: {
      endOfEvents: () => endOfEvents(),
      eventsAfter: (position) => eventsAfter(position),
      placedBy: async () => new Map(),
    },
    reachOf: () => 'all',
    logger: createLogger({ service: 'test', replica: 'test', level: 'silent' }),
    pollMs: 1,
    maxListeners: MAX_LISTENERS,
    maxBufferedBytes: MAX_BUFFERED_BYTES,
    ...options,
  });
}

beforeEach(async () => {
  lookups = [];
  arrived = [];
  over = 0;
  principal = GUEST;
  eventsAfter = async () => [];
  endOfEvents = () => new Promise((resolve) => lookups.push(() => resolve(END)));
  await restart({});
  const app = express();
  app.use((req, res, next) => {
    req.principal = principal;
    arrived.push(res);
    res.once('close', () => over++);
    next();
  });
  app.get('/stream', (req, res, next) => feed.handler(req, res, next));
  app.use(errorHandler(() => undefined));
  server.removeAllListeners('request').on('request', app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  vi.useRealTimers();
  await feed.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const connect = (headers: Record<string, string> = {}) => get({ port, path: '/stream', agent: false, headers });
const answer = async (request: ClientRequest): Promise<IncomingMessage> => (await once(request, 'response'))[0];
const event = (position: string): TailedEvent => ({ position, event: {} as TailedEvent['event'] });

/** Connects and is let in. */
async function listen(): Promise<IncomingMessage> {
  const request = answer(connect());
  await expect.poll(() => lookups.length).toBe(1);
  lookups.pop()?.();
  return request;
}

async function readUntil(response: IncomingMessage, part: string): Promise<void> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (text.includes(part)) return;
  }
  throw new Error(`the stream ended without ${part}:\n${text}`);
}

describe('the event feed', () => {
  it('should go on telling listeners when what follows the position of another cannot be read', async () => {
    endOfEvents = async () => END;
    eventsAfter = async (position) => {
      if (position === '1.0') throw new Error('not readable');
      return position === '2.0' ? [event('2.1')] : [];
    };
    await answer(connect({ 'Last-Event-ID': '1.0' }));
    await readUntil(await answer(connect({ 'Last-Event-ID': '2.0' })), 'id: 2.1');
  });

  it('should begin at the end for a listener beyond it, whose database was replaced by an older one', async () => {
    endOfEvents = async () => END;
    eventsAfter = async (position) => (position === END ? [event('9.1')] : []);
    await readUntil(await answer(connect({ 'Last-Event-ID': '10.0' })), 'id: 9.1');
  });

  it('should go on after Last-Event-ID while the end cannot be read', async () => {
    endOfEvents = async () => {
      throw new Error('not readable');
    };
    eventsAfter = async (position) => (position === '10.0' ? [event('10.1')] : []);
    await readUntil(await answer(connect({ 'Last-Event-ID': '10.0' })), 'id: 10.1');
  });

  it('should keep no place for a client that left before it was listening', async () => {
    for (let i = 0; i < MAX_LISTENERS; i++) {
      const request = connect().on('error', () => {});
      await expect.poll(() => arrived.length).toBe(i + 1);
      request.destroy();
    }
    await expect.poll(() => over).toBe(MAX_LISTENERS);
    for (const found of lookups.splice(0)) found();

    const { statusCode } = await listen();
    expect(statusCode).toBe(200);
  });

  it('should never have more listeners than its limit, however many come at once', async () => {
    const requests = Array.from({ length: MAX_LISTENERS + 3 }, () => answer(connect()));
    await expect.poll(() => arrived.length).toBe(requests.length);
    // However many come, the end of the outbox is looked up once.
    expect(lookups).toHaveLength(1);
    lookups.pop()?.();
    const statuses = (await Promise.all(requests)).map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 200)).toHaveLength(MAX_LISTENERS);
    expect(statuses.filter((status) => status === 429)).toHaveLength(3);
  });

  it('should answer HEAD, which has no body to wait for, and keep no place for it', async () => {
    for (let i = 0; i < MAX_LISTENERS; i++) {
      const response = answer(request({ port, path: '/stream', agent: false, method: 'HEAD' }).end());
      await expect.poll(() => lookups.length).toBe(1);
      lookups.pop()?.();
      await once((await response).resume(), 'end');
    }
    expect((await listen()).statusCode).toBe(200);
  });

  it('should end the stream of a client that was let in while it stopped', async () => {
    const request = answer(connect());
    await expect.poll(() => lookups.length).toBe(1);
    await feed.stop();
    lookups[0]?.();
    const response = await request;
    expect(response.headers['content-type']).toContain('text/event-stream');
    await once(response.resume(), 'end');
  });

  it('should write nothing to a stream that it has ended', async () => {
    const reading = Promise.withResolvers<TailedEvent[]>();
    const asked = Promise.withResolvers<void>();
    eventsAfter = () => {
      asked.resolve();
      return reading.promise;
    };
    const response = await listen();
    await asked.promise;
    const stopped = feed.stop();
    reading.resolve([event('9.1')]);
    await stopped;
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    expect(text).toBe('retry: 1000\n\n');
  });

  it.each(['with the next event, which it no longer sends', 'with the next heartbeat if nothing happens'])(
    'should end a stream whose access token has ended, %s',
    async (when) => {
      vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
      principal = { kind: 'customer', id: '1', name: 'Ada', endsAt: Date.now() + 60_000 };
      const response = await listen();
      vi.setSystemTime(Date.now() + 60_000);
      if (when.includes('event')) eventsAfter = async () => [event('9.1')];
      else vi.advanceTimersByTime(15_000);
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      expect(text).toBe('retry: 1000\n\n');
      // Its place is free, and a token that has not ended still hears everything.
      principal = { ...principal, endsAt: Date.now() + 60_000 };
      eventsAfter = async () => [event('9.1')];
      await readUntil(await listen(), 'id: 9.1');
    },
  );

  it('should follow page after page without a pause', async () => {
    endOfEvents = async () => END;
    await restart({ pollMs: 60_000 });
    const pages = 20;
    eventsAfter = async (position) => {
      const first = Number(position.split('.')[0]);
      return first < pages ? Array.from({ length: PAGE }, (_, n) => event(`${first + 1}.${n}`)) : [];
    };
    await readUntil(await answer(connect({ 'Last-Event-ID': '0.0' })), `id: ${pages}.${PAGE - 1}\n`);
  });

  it('should keep the bytes that wait for listeners who do not read within one budget, and end those furthest behind', async () => {
    endOfEvents = async () => END;
    await restart({ maxListeners: 20 });
    const large = { text: 'x'.repeat(2_000) } as unknown as TailedEvent['event'];
    // The outbox of a busy shop: there is always a full page more.
    eventsAfter = async (position) => {
      const next = Number(position.split('.')[0]) + 1;
      return Array.from({ length: PAGE }, (_, n) => ({ position: `${next}.${n}`, event: large }));
    };
    const silent = await Promise.all(Array.from({ length: 10 }, () => answer(connect({ 'Last-Event-ID': '0.0' }))));
    for (const response of silent) response.on('error', () => {}).pause();
    let most = 0;
    const watch = setInterval(() => {
      const bytes = arrived.reduce((sum, res) => sum + (res.destroyed ? 0 : res.writableLength), 0);
      most = Math.max(most, bytes);
    }, 1);
    try {
      await expect.poll(() => over, { timeout: 15_000 }).toBeGreaterThan(1);
      await readUntil(await answer(connect({ 'Last-Event-ID': '0.0' })), 'id: 10.0\n');
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(MAX_BUFFERED_BYTES);
    } finally {
      clearInterval(watch);
    }
  });
});
