import { once } from 'node:events';
import { type ClientRequest, createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@valerix/service-kit/logger';
import { errorHandler } from '@valerix/service-kit/problem';
import express from 'express';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { createEventFeed, type EventFeed } from '../src/event-feed.ts';
import type { TailedEvent } from '../src/order-reads-store.ts';

const MAX_LISTENERS = 2;
const END = '9.0';

/** Lookups of the end of the outbox that wait for the test to answer them. */
let lookups: (() => void)[];
let eventsAfter: (position: string) => Promise<TailedEvent[]>;
let feed: EventFeed;
const server = createServer();
let port: number;

beforeEach(async () => {
  lookups = [];
  eventsAfter = async () => [];
  feed = createEventFeed({
    reads: {
      endOfEvents: () => new Promise((resolve) => lookups.push(() => resolve(END))),
      eventsAfter: (position) => eventsAfter(position),
    },
    logger: createLogger({ service: 'test', replica: 'test', level: 'silent' }),
    pollMs: 1,
    maxListeners: MAX_LISTENERS,
  });
  const app = express();
  app.get('/stream', feed.handler);
  app.use(errorHandler(() => undefined));
  server.removeAllListeners('request').on('request', app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  await feed.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const connect = (headers: Record<string, string> = {}) => get({ port, path: '/stream', agent: false, headers });
const answer = async (request: ClientRequest): Promise<IncomingMessage> => (await once(request, 'response'))[0];

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
    eventsAfter = async (position) => {
      if (position === '1.0') throw new Error('not readable');
      return position === '2.0' ? [{ position: '2.1', event: {} as TailedEvent['event'] }] : [];
    };
    await answer(connect({ 'Last-Event-ID': '1.0' }));
    await readUntil(await answer(connect({ 'Last-Event-ID': '2.0' })), 'id: 2.1');
  });
});
