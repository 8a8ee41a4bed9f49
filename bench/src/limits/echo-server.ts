/** Starts one of the servers that only answer: `node echo-server.ts <kind> <port> [url of the next]`. */
import { createServer } from 'node:http';
import axios from 'axios';
import express from 'express';
import { Pool } from 'undici';

const [kind, port, nextUrl = ''] = process.argv.slice(2);

function bareHttp() {
  return createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8');
    req.on('data', (chunk: string) => {
      body += chunk;
    });
    req.on('end', () => {
      res.setHeader('Content-Type', 'application/json').setHeader('Content-Length', Buffer.byteLength(body));
      res.end(body);
    });
  });
}

/** The minimal service: parses JSON, answers JSON; `ask` calls the next server. */
function expressApp(ask: (body: unknown) => Promise<unknown>) {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(express.json());
  app.post('/echo', async (req, res) => void res.json(await ask(req.body)));
  return createServer(app);
}

function throughUndici() {
  const pool = new Pool(nextUrl, { connections: 64 });
  const headers = { 'content-type': 'application/json' };
  return expressApp(async (body) => {
    const reply = await pool.request({ method: 'POST', path: '/echo', headers, body: JSON.stringify(body) });
    return reply.body.json();
  });
}

function throughAxios() {
  // The defaults, except that connections are kept.
  const client = axios.create({ baseURL: nextUrl });
  return expressApp(async (body) => (await client.post('/echo', body)).data);
}

const servers: Record<string, () => ReturnType<typeof createServer>> = {
  http: bareHttp,
  express: () => expressApp(async (body) => body),
  undici: throughUndici,
  axios: throughAxios,
};

const make = servers[kind ?? ''];
if (!make) throw new Error(`there is no server "${kind}"`);
make().listen(Number(port), '127.0.0.1', () => process.send?.('listening'));
process.on('disconnect', () => process.exit());
