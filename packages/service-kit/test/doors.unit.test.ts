import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { closeDoors, openDoors } from '../src/doors.ts';

const CLIENTS = 200;
const TURN_MS = 10;
const open: Server[] = [];

/** Connects clients from a thread of its own: this one is busy. */
const CROWD = `
  const { workerData } = require('node:worker_threads');
  for (let n = 0; n < ${CLIENTS}; n++) require('node:net').connect(workerData, '127.0.0.1').on('error', () => {});`;

async function start(server: Server, port = 0): Promise<number> {
  open.push(...(await openDoors(server as ReturnType<typeof createServer>, port, '127.0.0.1')));
  return (server.address() as AddressInfo).port;
}

/** One turn of an event loop that has much to do. */
async function busyTurn(): Promise<void> {
  const end = performance.now() + TURN_MS;
  while (performance.now() < end);
  await new Promise((resolve) => setImmediate(resolve));
}

afterEach(() => closeDoors(open.splice(0)));

it.runIf(process.platform === 'linux')('lets many clients in at each turn of a busy event loop', async () => {
  let accepted = 0;
  const server = createServer().on('connection', (socket) => {
    accepted++;
    socket.destroy();
  });
  const crowd = new Worker(CROWD, { eval: true, workerData: await start(server) });
  let turns = 0;
  while (accepted < CLIENTS) {
    if (accepted > 0) turns++;
    await busyTurn();
  }
  await crowd.terminate();
  // One at a turn would take 199.
  expect(turns).toBeLessThan(CLIENTS / 2);
});

it('answers a request whichever door it came through, and lets none in afterwards', async () => {
  const server = createServer((_req, res) => res.setHeader('Connection', 'close').end('here'));
  const url = `http://127.0.0.1:${await start(server)}`;
  const answers = await Promise.all(Array.from({ length: 100 }, async () => (await fetch(url)).text()));
  expect(new Set(answers)).toEqual(new Set(['here']));
  await closeDoors(open.splice(0));
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

it('refuses a port that another process has', async () => {
  const port = await start(createServer());
  await expect(openDoors(createServer(), port, '127.0.0.1')).rejects.toThrow('EADDRINUSE');
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  await expect(openDoors(createServer(), (other.address() as AddressInfo).port, '127.0.0.1')).rejects.toThrow(
    'EADDRINUSE',
  );
  other.close();
});
