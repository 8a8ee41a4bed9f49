import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { signIn } from '../src/commands/sign-in.ts';
import { readConfig, type StackEnv } from '../src/config.ts';
import { writeEnvFile } from '../src/home/env-file.ts';
import { createHome } from '../src/home/home.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-test-'));
let port: number | undefined;
const config = readConfig({ VALERIX_HOME: folder });
const dashboard = createServer((req, res) => {
  const isRight = req.url === '/api/session/link' && req.headers.authorization === 'Bearer the-operator-token';
  res.writeHead(isRight ? 201 : 401).end('{"link":"http://localhost:3000/sign-in?token=new"}');
});
beforeAll(async () => {
  dashboard.listen(0, '127.0.0.1');
  await once(dashboard, 'listening');
});
afterAll(() => {
  dashboard.close();
  rmSync(folder, { recursive: true });
});

/** Runs the command in a stack with this operator token. @returns the exit code, and what it printed */
async function run(token: string): Promise<[number, string]> {
  port ??= (dashboard.address() as AddressInfo).port;
  const env = { DASHBOARD_URL: `http://127.0.0.1:${port}`, OPERATOR_TOKEN: token };
  writeEnvFile(createHome(folder), env as StackEnv);
  const said = vi.spyOn(console, 'log').mockImplementation(() => {});
  const complained = vi.spyOn(console, 'error').mockImplementation(() => {});
  return [await signIn(config), String([...said.mock.calls, ...complained.mock.calls].at(-1))];
}

it('sign-in prints a new link of the running dashboard, or why there is none', async () => {
  expect(await run('the-operator-token')).toEqual([0, 'http://localhost:3000/sign-in?token=new']);
  expect(await run('another-token')).toEqual([1, expect.stringContaining('answered 401')]);
  dashboard.close();
  dashboard.closeAllConnections();
  expect(await run('the-operator-token')).toEqual([1, expect.stringContaining('does not answer')]);
});
