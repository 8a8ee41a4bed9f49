import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('echo-server.ts', import.meta.url));

export type EchoKind = 'http' | 'express' | 'undici' | 'axios';

/** Starts an echo server; `undici` and `axios` call an Express echo behind it. */
export async function startEcho(kind: EchoKind) {
  const behind = kind === 'undici' || kind === 'axios' ? await startServer('express') : undefined;
  const echo = await startServer(kind, behind?.url);
  return {
    kind,
    url: echo.url,
    processes: Object.entries({ echo, ...(behind && { behind }) }).map(([name, { child }]) => ({
      name,
      pid: () => child.pid,
    })),
    stop(): void {
      echo.child.disconnect();
      behind?.child.disconnect();
    },
  };
}

async function startServer(kind: EchoKind, next = ''): Promise<{ url: string; child: ChildProcess }> {
  const child = fork(SERVER, [kind, next], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [port] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`The echo server "${kind}" ended before it listened.`))),
  ]);
  return { url: `http://127.0.0.1:${port}`, child };
}
