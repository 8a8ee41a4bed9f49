import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { releasePorts, reservePorts } from '@valerix/local-stack/machine/free-ports';
import { runCommand } from '@valerix/local-stack/machine/run-command';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RoundRobinProxy } from '../../k8s/test/round-robin-proxy.ts';
import { RunningCommand } from '../../test/support/running-command.ts';
import { until } from './serve.ts';

const folder = join(import.meta.dirname, '..');
const RATE = 30;
/** How long after SIGTERM the last node forgets the pod: new connections reach it until then. */
const FORGOTTEN_AFTER_MS = 500;

let ports: number[];
const running = new Map<number, RunningCommand>();
beforeAll(async () => {
  ports = await reservePorts(2);
  const { code, output } = await runCommand(process.execPath, ['scripts/build.ts'], { cwd: folder, env: process.env });
  expect(code, output).toBe(0);
});
afterAll(async () => {
  for (const dashboard of running.values()) {
    dashboard.signal('SIGKILL');
    await dashboard.exit;
  }
  releasePorts(ports);
});

const urlOf = (port: number) => `http://127.0.0.1:${port}`;

/** Starts a replica of the dashboard and waits until it is ready. The services may be away. */
async function start(port: number): Promise<void> {
  const env = { ...process.env, PORT: String(port), SHUTDOWN_DELAY_MS: String(3 * FORGOTTEN_AFTER_MS) };
  running.set(port, new RunningCommand(join(folder, 'server.ts'), [], env));
  await until(
    'ready',
    () =>
      fetch(`${urlOf(port)}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    30_000,
  );
}

it('both replicas of the dashboard are replaced behind a proxy that keeps connections, and no request fails', async () => {
  const proxy = await RoundRobinProxy.start();
  await Promise.all(ports.map(start));
  for (const port of ports) proxy.add(urlOf(port));
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const answers: Promise<number | string>[] = [];
  const ask = () =>
    new Promise<number | string>((resolve) => {
      get(`${proxy.url}/sign-in`, { agent }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', (error) => resolve(error.message));
      }).once('error', (error) => resolve(error.message));
    });
  const load = setInterval(() => answers.push(ask()), 1_000 / RATE);
  try {
    for (const port of ports) {
      const old = running.get(port) as RunningCommand;
      await sleep(500);
      old.signal('SIGTERM');
      await until('not ready', () => fetch(`${urlOf(port)}/readyz`).then(({ status }) => status === 503));
      await sleep(FORGOTTEN_AFTER_MS);
      proxy.remove(urlOf(port));
      expect(await old.exit).toBe(0);
      await start(port);
      proxy.add(urlOf(port));
    }
  } finally {
    clearInterval(load);
  }
  const statuses = await Promise.all(answers);
  agent.destroy();
  await proxy.stop();
  expect(statuses.length).toBeGreaterThan(2 * RATE);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
}, 120_000);
