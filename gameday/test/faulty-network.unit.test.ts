import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultyNetwork } from '../src/targets/faulty-network.ts';

let network: FaultyNetwork;
let server: Server;
let arrived = 0;
beforeEach(async () => {
  arrived = 0;
  server = createServer((req, res) => {
    arrived++;
    req.resume().on('end', () => res.end('here'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  network = new FaultyNetwork(1);
  await network.listen();
  // The first one does not listen: connections go past it.
  network.leadTo(['http://127.0.0.1:1', `http://127.0.0.1:${(server.address() as AddressInfo).port}`]);
});
afterEach(async () => {
  await network.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const ask = async (signal = AbortSignal.timeout(5_000)) => {
  const response = await fetch(`http://127.0.0.1:${network.port}/`, {
    method: 'POST',
    body: 'x',
    signal,
  });
  return response.text();
};

describe('the faulty network', () => {
  it('should carry everything while it is healthy', async () => {
    expect(await ask()).toBe('here');
    expect(await ask()).toBe('here');
    expect(network.hits).toBe(0);
  });

  it('should delay both ways', async () => {
    network.mode = { kind: 'slow', ms: 50, jitterMs: 0 };
    const started = performance.now();
    expect(await ask()).toBe('here');
    expect(performance.now() - started).toBeGreaterThanOrEqual(98);
  });

  it('should let requests arrive and lose the replies', async () => {
    network.mode = { kind: 'swallow', percent: 100 };
    const caller = new AbortController();
    const answer = ask(caller.signal);
    const lost = expect(answer).rejects.toThrow('aborted');
    await expect.poll(() => arrived).toBe(1);
    setTimeout(() => caller.abort(), 200);
    await lost;
    network.mode = { kind: 'healthy' };
    expect(await ask()).toBe('here');
  });

  it('should refuse connections when it is cut', async () => {
    network.mode = { kind: 'cut' };
    await expect(ask()).rejects.toThrow();
    expect(arrived).toBe(0);
    network.mode = { kind: 'healthy' };
    expect(await ask()).toBe('here');
  });
});
