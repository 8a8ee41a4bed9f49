import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type Stack, startStack } from '@valerix/local-stack';
import { releasePorts, reservePorts } from '@valerix/local-stack/machine/free-ports';
import { runCommand } from '@valerix/local-stack/machine/run-command';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RoundRobinProxy } from '../../k8s/test/round-robin-proxy.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder } from '../../test/support/http.ts';
import { PATIENT } from '../../test/support/patient.ts';
import { RunningCommand } from '../../test/support/running-command.ts';
import type { LiveSnapshot, LiveState } from '../src/live/live-types.ts';
import { readEventStream } from '../src/server/event-stream.ts';
import { launchBrowser } from './browser-system.ts';

const folder = join(import.meta.dirname, '..');
const NAME = 'order-service-replicas.test';
/** The second replica listens on another port of the first one's address: this makes it the same port of another address. */
const SECOND = '127.0.0.2';

let stack: Stack;
let balancer: RoundRobinProxy;
let second: Server;
let ports: number[];
let dashboard: RunningCommand;
let url: string;
let browser: Browser;

beforeAll(async () => {
  const built = runCommand(process.execPath, ['scripts/build.ts'], { cwd: folder, env: process.env });
  [stack, balancer, ports] = await Promise.all([
    startStack({ replicas: { order: 2 }, env: { order: PATIENT } }),
    RoundRobinProxy.start(),
    reservePorts(1),
  ]);
  const { code, output } = await built;
  expect(code, output).toBe(0);
  const replicas = stack.services.order.urls.map((one) => new URL(one));
  for (const { origin } of replicas) balancer.add(origin);
  const port = Number(replicas[0]?.port);
  second = createServer((client) => {
    const server = connect(Number(replicas[1]?.port), '127.0.0.1');
    for (const [from, to] of [[client, server] as const, [server, client] as const]) {
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
      from.pipe(to);
    }
  }).listen(port, SECOND);
  await once(second, 'listening');
  url = `http://127.0.0.1:${ports[0]}`;
  dashboard = new RunningCommand(join(folder, 'server.ts'), [], {
    ...process.env,
    PORT: String(ports[0]),
    ORDER_URL: balancer.url,
    ORDER_REPLICAS_URL: `http://${NAME}:${port}`,
    INVENTORY_URL: stack.services.inventory.urls[0],
    OPERATOR_TOKEN: stack.operatorToken,
    NODE_OPTIONS: `--import=${join(import.meta.dirname, 'name-server.ts')}`,
    NAME,
    ADDRESSES: `127.0.0.1,${SECOND}`,
  });
  await eventually(async () => expect((await ask(`${url}/readyz`)).status).toBe(200), 30_000);
});
afterAll(async () => {
  await browser?.close();
  dashboard?.signal('SIGKILL');
  await dashboard?.exit;
  second?.close();
  await balancer?.stop();
  await stack?.stop();
  releasePorts(ports);
});

/** What a page that opens now shows. */
async function shown(): Promise<LiveState> {
  const { body } = await fetch(`${url}/api/live`);
  for await (const { data } of readEventStream(body as ReadableStream<Uint8Array>)) {
    const { state } = JSON.parse(data) as LiveSnapshot;
    if (state) return state;
    break;
  }
  throw new Error('nothing was read yet');
}

/** The requests that both replicas have counted, by their own word. */
async function counted(): Promise<number> {
  const texts = await Promise.all(stack.services.order.urls.map(async (one) => (await ask(`${one}/metrics`)).text));
  const samples = texts.flatMap((text) => [...text.matchAll(/^http_request_duration_seconds_count\{.*\} (\d+)$/gm)]);
  return samples.reduce((sum, [, count]) => sum + Number(count), 0);
}

const up = (state: LiveState) => state.services.order.replicas.map((one) => one.up);

it('two replicas behind one address are read one by one, and the figures are their sum', async () => {
  await eventually(async () => expect(up(await shown())).toEqual([true, true]), 20_000);
  const before = await counted();
  for (let sent = 0; sent < 40; sent++) {
    expect((await placeOrder(url, { item_id: 'ps5', quantity: 1 })).status).toBe(201);
  }
  const after = await counted();
  expect(after - before).toBeGreaterThanOrEqual(40);
  await eventually(async () => {
    // Both have reports in the window of 30 s; the dashboard's own reads of the verdict are among them.
    const { average_requests: all } = await shown();
    expect(all).toBeGreaterThanOrEqual(40);
    expect(all).toBeLessThanOrEqual(await counted());
  });
});

it('a replica that dies is shown as down, and what is asked of one replica is asked of the other', async () => {
  await stack.process('order-service').hold();
  try {
    balancer.remove(stack.services.order.urls[0] as string);
    browser = await launchBrowser();
    const page = await browser.newPage();
    await page.goto(url);
    const card = page.getByRole('region', { name: 'Order service' });
    await card.getByText('1 of 2', { exact: true }).waitFor();
    await eventually(async () => expect(up(await shown())).toEqual([false, true]));
    // Health and verdict were the first replica's; now the second one's are shown.
    await eventually(async () => {
      const { services, integrity } = await shown();
      expect([services.order.health.error, integrity.error]).toEqual([null, null]);
    });
  } finally {
    await stack.process('order-service').start();
  }
  await eventually(async () => expect(up(await shown())).toEqual([true, true]));
});
