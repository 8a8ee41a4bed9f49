/** Starts one echo server and sends its port to the parent: `node echo-server.ts <kind> [url of the next server]`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import express from 'express';
import { Pool } from 'undici';

const [kind, nextUrl = ''] = process.argv.slice(2);

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

/** The smallest service: it parses JSON and answers JSON. `ask` calls the next server. */
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
if (!make) throw new Error(`There is no echo server "${kind}".`);
const server = make().listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
