import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Observed } from '../measure/measure.ts';

const SERVER = fileURLToPath(new URL('echo-server.ts', import.meta.url));

export type EchoKind = 'http' | 'express' | 'undici' | 'axios';

export interface EchoChain {
  url: string;
  observed: Observed;
  stop(): void;
}

/** Starts an echo server, for `undici` and `axios` with an Express echo behind it. */
export async function startEcho(kind: EchoKind): Promise<EchoChain> {
  const front = kind === 'http' || kind === 'express' ? undefined : await startServer('express');
  const server = await startServer(kind, front?.url);
  const all = [server, ...(front ? [front] : [])];
  return {
    url: server.url,
    observed: { processes: all.map(({ child }, index) => ({ name: index ? 'behind' : 'echo', pid: () => child.pid })) },
    stop: () => all.forEach(({ child }) => void child.disconnect()),
  };
}

async function startServer(kind: EchoKind, next = ''): Promise<{ url: string; child: ChildProcess }> {
  const port = await freePort();
  const child = fork(SERVER, [kind, String(port), next], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${kind} died`))),
  ]);
  return { url: `http://127.0.0.1:${port}`, child };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
