import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { noteArrival } from '../arriving-request.ts';

export interface Served {
  readonly url: string;
  readonly close: () => Promise<void>;
}

type Plain = (req: IncomingMessage, res: ServerResponse) => void;

/** A server on a free port of the loopback interface; `close` also closes open connections. */
export async function serve(handler: Plain): Promise<Served> {
  const server: Server = createServer(handler);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Serves a function from Request to Response over a real socket, as server.ts and Next do. A caller that leaves aborts its request. */
export function serveHandler(handler: (request: Request) => Response | Promise<Response>): Promise<Served> {
  return serve(async (req, res) => {
    noteArrival(req);
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    const hasBody = req.method !== 'GET' && req.method !== 'HEAD';
    const request = new Request(`http://${req.headers.host}${req.url}`, {
      method: req.method ?? 'GET',
      headers: req.headers as Record<string, string>,
      signal: gone.signal,
      ...(hasBody ? { body: Readable.toWeb(req) as ReadableStream<Uint8Array>, duplex: 'half' } : {}),
    });
    const response = await handler(request);
    const cookies = response.headers.getSetCookie();
    const headers = { ...Object.fromEntries(response.headers), ...(cookies.length > 0 && { 'set-cookie': cookies }) };
    res.writeHead(response.status, headers);
    if (response.body === null) return void res.end();
    res.flushHeaders();
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) res.write(chunk);
    } catch {
      res.destroy();
    }
    res.end();
  });
}

/** Waits until a condition holds. @throws Error that names it otherwise */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
