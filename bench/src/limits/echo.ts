import { startChildServer } from './child-server.ts';

const startServer = (kind: EchoKind, next = '') => startChildServer('echo-server.ts', [kind, next]);

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
