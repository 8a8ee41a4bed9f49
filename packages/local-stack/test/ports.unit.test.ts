import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { releasePorts, reservePorts } from '../src/machine/free-ports.ts';
import {
  findPortHolder,
  isPortFree,
  listeningInodes,
  portInUseMessage,
  requireFreePorts,
} from '../src/machine/port-in-use.ts';

const open: Server[] = [];

async function listen(port: number, host: string): Promise<void> {
  const server = createServer();
  open.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

describe('a port in use', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::'])('is noticed when its holder listens on %s', async (host) => {
    const [port = 0] = await reservePorts(1);
    expect(await isPortFree(port)).toBe(true);
    await listen(port, host);
    expect(await isPortFree(port)).toBe(false);
    releasePorts([port]);
  });

  it('is named with its purpose, its holder and the way out; all of them at once', async () => {
    const [one = 0, two = 0] = await reservePorts(2);
    await Promise.all([listen(one, '127.0.0.1'), listen(two, '127.0.0.1')]);
    const needed = [
      { port: one, purpose: 'order-service', variable: 'ORDER_PORT' },
      { port: two, purpose: 'Redis', variable: 'REDIS_PORT' },
    ];
    const message = await requireFreePorts(needed).catch((error: Error) => error.message);
    expect(message).toContain(`Port ${one}, needed for order-service, is held by pid ${process.pid} (`);
    expect(message).toContain(`Port ${two}, needed for Redis`);
    expect(message).toContain('ORDER_PORT=<port>');
    expect(message).toContain('PORT_OFFSET=');
    expect(findPortHolder(one)?.pid).toBe(process.pid);
    releasePorts([one, two]);
  });

  it('is named even when nobody may know the holder', () => {
    const need = { port: 3001, purpose: 'order-service', variable: 'ORDER_PORT' };
    expect(portInUseMessage(need, undefined)).toContain(
      'Port 3001, needed for order-service, is held by another process',
    );
  });

  it('its holder is looked up by listening sockets only', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:0BB9 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1',
      '   1: 0100007F:0BB9 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 222 1',
      '   2: 0100007F:0BBA 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1',
    ].join('\n');
    expect(listeningInodes(table, 3001)).toEqual(['111']);
  });
});

it('no two callers get the same free port', async () => {
  const batches = await Promise.all(Array.from({ length: 20 }, () => reservePorts(5)));
  const ports = batches.flat();
  expect(new Set(ports).size).toBe(100);
  releasePorts(ports);
});
