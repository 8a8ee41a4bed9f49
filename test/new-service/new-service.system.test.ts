import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDotenv } from '@valerix/local-stack/home/env-file';
import { releasePorts, reservePorts } from '@valerix/local-stack/machine/free-ports';
import { COMPANION_KEYS, SERVICE_KEYS } from '@valerix/system';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { RunningCommand } from '../support/running-command.ts';
import { addEchoService, copyTree } from './copy-tree.ts';

/** The tests of what is generated from the declaration, and of the files that name every service. */
const TESTS = [
  ...['compose', 'config-variables', 'dockerfile', 'external-secrets', 'manifests', 'same-files', 'secrets'],
  'service-monitor',
].map((name) => `k8s/test/${name}.unit.test.ts`);

const PROCESSES = [...COMPANION_KEYS, ...SERVICE_KEYS, 'echo', 'postgres', 'redis', 'prometheus', 'alertmanager'].map(
  (key) => key.toUpperCase(),
);

describe('a new service', () => {
  let copy: string;
  let byHand: string[];
  let home: string;
  let ports: number[];
  const running: RunningCommand[] = [];

  const env = () => ({
    ...process.env,
    PATH: `${join(copy, 'node_modules/.bin')}:${process.env.PATH}`,
    VALERIX_HOME: home,
    NO_COLOR: '1',
    ...Object.fromEntries(PROCESSES.map((name, index) => [`${name}_PORT`, String(ports[index])])),
  });
  /** A command in the copy, to its end. */
  const run = (...command: [string, ...string[]]) => {
    const [program, ...args] = command;
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: copy, env: env(), encoding: 'utf8' });
    return { status, output: `${stdout}${stderr}` };
  };
  const start = (...args: [string, ...string[]]) => {
    const [script, ...rest] = args;
    const command = new RunningCommand(join(copy, script), rest, env());
    running.push(command);
    return command;
  };

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'valerix-new-service-home-'));
    ports = await reservePorts(PROCESSES.length);
    copy = copyTree();
    byHand = addEchoService(copy);
    const { status, output } = run('npm', 'run', '--silent', 'generate');
    expect(output).not.toBe('');
    expect(status, output).toBe(0);
  });
  afterAll(async () => {
    for (const command of running.reverse()) {
      command.signal('SIGINT');
      await command.exit;
    }
    releasePorts(ports);
    for (const folder of [copy, home]) rmSync(folder, { recursive: true, force: true });
  });

  it('is its folder, one entry and one table: at most ten files written by hand', () => {
    console.log(byHand.join('\n'));
    expect(byHand.length).toBeLessThanOrEqual(10);
  });

  it('fits the types, the compose file, every overlay and its policies, the scrape configuration and the alerts', () => {
    const types = run('npm', 'run', '--silent', 'types');
    expect(types.status, types.output).toBe(0);
    const tests = run(
      'npx',
      'vitest',
      'run',
      '--project',
      'unit',
      ...TESTS,
      'monitoring/test',
      'packages/system',
      'test/chaos-doc',
    );
    expect(tests.status, tests.output).toBe(0);
  }, 600_000);

  it('starts with "make up", is shown, scraped and charted, and dies in an experiment', async () => {
    const up = start('packages/local-stack/src/cli.ts', 'up');
    await up.says('Valerix is up', 300_000);
    const { ECHO_URL } = parseDotenv(readFileSync(join(home, 'env'), 'utf8')) as { ECHO_URL?: string };
    const answer = await fetch(`${ECHO_URL}/api/echo`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ text: 'hello' }),
    });
    expect(await answer.json()).toEqual({ text: 'hello', kept: 1 });

    expect(run('node', 'packages/local-stack/src/cli.ts', 'status').output).toMatch(
      /^echo-service +\d+ +\d+ +running .* ok$/m,
    );

    start('monitoring/src/main.ts');
    await eventually(async () => expect(await upOf('echo-service')).toBe('1'), 60_000);

    expect(await cardOf('Echo service')).toBe(true);

    const killed = run('node', 'gameday/src/cli.ts', 'run', 'test/new-service/kill-echo.json');
    expect(killed.status, killed.output).toBe(0);
    expect(killed.output).toMatch(/^ +the echo service is killed: recovered after/m);
  }, 600_000);

  /** What Prometheus says of a job: "1" while it is scraped. */
  async function upOf(job: string): Promise<string | undefined> {
    const prometheus = `http://127.0.0.1:${ports[PROCESSES.indexOf('PROMETHEUS')]}`;
    const query = encodeURIComponent(`up{job="${job}"}`);
    const response = await fetch(`${prometheus}/api/v1/query?query=${query}`);
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    return data.result[0]?.value[1];
  }

  /** Whether the overview has a card with this name. */
  async function cardOf(name: string): Promise<boolean> {
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${ports[PROCESSES.indexOf('DASHBOARD')]}/`);
      await page
        .getByRole('heading', { name })
        .or(page.getByText(name, { exact: true }))
        .first()
        .waitFor({ timeout: 30_000 });
      return true;
    } finally {
      await browser.close();
    }
  }
});
