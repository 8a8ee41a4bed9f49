import { subscribe } from 'node:diagnostics_channel';
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { noteArrival } from './arriving-request.ts';

// Starts the built dashboard: `node frontend/server.ts`. Next's standalone server listens at HOSTNAME, which containers
// and shells set to something else, so here HOST decides.
const built = new URL('./.next/standalone/frontend/server.js', import.meta.url);
if (!existsSync(built)) {
  process.stderr.write('The dashboard is not built. Run `npm run build -w frontend`.\n');
  process.exit(1);
}
// biome-ignore lint/style/noProcessEnv: Next's own server reads its address only from here
process.env.HOSTNAME = process.env.HOST || '127.0.0.1';
// Next would close all connections at once; dashboard.ts stops the process.
// biome-ignore lint/style/noProcessEnv: the one place where Next can be told so
process.env.NEXT_MANUAL_SIG_HANDLE = 'true';

// A proxy keeps its connections. From the first signal on, each answer ends its connection, so that no request is on its way on a
// connection that the process closes.
let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => (stopping = true));
subscribe('http.server.request.start', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  noteArrival(request);
  if (stopping) response.setHeader('Connection', 'close');
});
await import(built.href);
