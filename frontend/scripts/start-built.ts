import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { SERVICE_KEYS, urlVariable } from '@valerix/system';

interface BuiltServer {
  readonly url: string;
  /** Everything the server has written so far. */
  readonly output: () => string;
  readonly process: ChildProcess;
  readonly stop: () => Promise<void>;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const START_MS = 20_000;

/** Builds the dashboard if its sources changed, starts it on a free port and waits until it answers. */
export async function startBuilt(env: Record<string, string> = {}): Promise<BuiltServer> {
  const { status } = spawnSync(process.execPath, [`${root}scripts/build.ts`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the dashboard could not be built');
  const port = await freePort();
  const child = spawn(process.execPath, ['server.ts'], {
    cwd: root,
    // Nothing of the caller's environment is wanted: a test runner's NODE_ENV would change how Next runs.
    env: {
      PORT: String(port),
      HOST: '127.0.0.1',
      NODE_ENV: 'production',
      ...Object.fromEntries(SERVICE_KEYS.map((key) => [urlVariable(key), 'http://127.0.0.1:9'])),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, child, () => output);
  return {
    url,
    output: () => output,
    process: child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await once(child, 'exit');
      clearTimeout(timer);
    },
  };
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the dashboard ended while starting:\n${output()}`);
    const ready = await fetch(`${url}/readyz`).catch(() => null);
    if (ready?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error(`the dashboard was not ready within ${START_MS} ms:\n${output()}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
