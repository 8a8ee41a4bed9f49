import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { freshDatabase } from '@valerix/local-stack/testing';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createLogger } from '../src/logger.ts';
import { migrate } from '../src/migrate.ts';
import { createPool, isDatabaseUnavailable } from '../src/postgres.ts';

const KEY_OF_THE_SESSION = Buffer.from([0x4b, 0, 0, 0, 12]);

/** Stands between client and server as a pooler does: the key of a session is its own. */
async function pooler(url: string): Promise<string> {
  const server = new URL(url);
  return listening((socket) => {
    const upstream = connect(Number(server.port), server.hostname);
    upstream.on('data', (chunk: Buffer) => {
      const at = chunk.indexOf(KEY_OF_THE_SESSION);
      if (at >= 0) chunk.writeInt32BE(7, at + KEY_OF_THE_SESSION.length);
      socket.write(chunk);
    });
    socket.pipe(upstream);
    socket.on('close', () => upstream.destroy());
    for (const end of [socket, upstream]) end.on('error', () => socket.destroy());
  }, url);
}

/** Refuses what PgBouncer refuses in every mode unless `ignore_startup_parameters` says otherwise. */
const refusing = (url: string): Promise<string> =>
  listening((socket) => {
    const fields = 'SFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0';
    const head = Buffer.from([0x45, 0, 0, 0, fields.length + 4]);
    socket.once('data', () => socket.end(Buffer.concat([head, Buffer.from(fields)])));
    socket.on('error', () => {});
  }, url);

async function listening(onSocket: Parameters<typeof createServer>[1], url: string): Promise<string> {
  const server = createServer(onSocket).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return Object.assign(new URL(url), { port: (server.address() as { port: number }).port }).href;
}

describe.each([
  ['a pooler that takes every setting', pooler],
  ['a pooler that refuses settings', refusing],
])('%s', (_, between) => {
  const advice = /connection pooler, such as PgBouncer\. Name the PostgreSQL server itself/;

  it('is refused by a pool, in words that say what to do', async () => {
    const { url, drop } = await freshDatabase(inject('postgresUrl'), 'order_template');
    onTestFinished(drop);
    const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
    const pool = createPool({ url: await between(url), service: 'test', max: 1, logger });
    onTestFinished(() => pool.end());
    const failure = await pool.query('SELECT 1').catch((error: unknown) => error);
    expect([String(failure), isDatabaseUnavailable(failure)]).toEqual([expect.stringMatching(advice), true]);
    expect(pool.totalCount).toBe(0);
  });

  it('is refused by a migration at once', async () => {
    const { url, drop } = await freshDatabase(inject('postgresUrl'), 'template0');
    onTestFinished(drop);
    const folder = join(import.meta.dirname, '../../../order-service/migrations');
    await expect(migrate('order', folder, { DATABASE_URL: await between(url) })).rejects.toThrow(advice);
  });
});
