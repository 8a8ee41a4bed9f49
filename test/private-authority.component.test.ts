import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startServers } from '@valerix/local-stack';
import { ensureTool } from '@valerix/local-stack/machine/tools';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../k8s/test/free-port.ts';
import { eventually } from './support/eventually.ts';
import { ask } from './support/http.ts';
import { startService } from './support/service-process.ts';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'valerix-tls-'));
const authority = join(folder, 'ca.pem');
let servers: Awaited<ReturnType<typeof startServers>>;
let admin: pg.Client;
let urls: { DATABASE_URL: string; REDIS_URL: string };
let stopRedis: () => Promise<unknown>;

/** A certificate authority of our own, and a certificate for this machine that it has signed. */
function makeCertificates(): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=private authority',
  );
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  execFileSync('sh', ['-c', 'printf "subjectAltName=DNS:localhost,IP:127.0.0.1" > names'], { cwd: folder });
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names', '-days', '2'];
  openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.pem', ...signed);
}

async function startTlsRedis(): Promise<string> {
  const port = await freePort();
  const tls = ['--tls-port', String(port), '--port', '0', '--tls-auth-clients', 'no', '--tls-ca-cert-file', authority];
  const files = ['--tls-cert-file', join(folder, 'server.pem'), '--tls-key-file', join(folder, 'server.key')];
  const args = [...tls, ...files, '--save', '', '--dir', folder];
  const redis = spawn(await ensureTool('redis', console.log), args, { stdio: 'ignore' });
  const ended = once(redis, 'exit');
  stopRedis = () => {
    redis.kill();
    return ended;
  };
  return `rediss://127.0.0.1:${port}`;
}

/** Has the server write the files itself: they must belong to its user. */
async function turnTlsOn(): Promise<void> {
  for (const name of ['server.pem', 'server.key']) {
    const text = pg.escapeLiteral(readFileSync(join(folder, name), 'utf8').trimEnd());
    const lines = `SELECT line FROM regexp_split_to_table(${text}, '\\n') AS line`;
    await admin.query(`COPY (${lines}) TO PROGRAM 'umask 077; cat > ${name}'`);
  }
  await admin.query("ALTER SYSTEM SET ssl_cert_file = 'server.pem'");
  await admin.query("ALTER SYSTEM SET ssl_key_file = 'server.key'");
  await admin.query('ALTER SYSTEM SET ssl = on');
  await admin.query('SELECT pg_reload_conf()');
}

beforeAll(async () => {
  makeCertificates();
  servers = await startServers();
  admin = new pg.Client({ connectionString: await servers.createDatabase('inventory_db') });
  await admin.connect();
  await turnTlsOn();
  urls = {
    DATABASE_URL: `${servers.postgresUrl('inventory_db')}?sslmode=verify-full`,
    REDIS_URL: await startTlsRedis(),
  };
});
afterAll(async () => {
  await stopRedis?.();
  await admin?.end();
  await servers?.stop();
  rmSync(folder, { recursive: true });
});

const migrate = (env: Record<string, string>) => {
  const script = join(root, 'inventory-service/src/migrate.ts');
  return execFileSync(process.execPath, [script], {
    env: { ...process.env, ...urls, ...env },
    encoding: 'utf8',
    stdio: 'pipe',
  });
};
async function start(env: Record<string, string>) {
  const service = await startService('inventory-service', { ...urls, ...env });
  onTestFinished(async () => void (await service.stop()));
  return service;
}

describe('servers whose certificate a private authority signed', () => {
  it('are refused without its certificate, in words that say what to set', async () => {
    expect(() => migrate({})).toThrow(/NODE_EXTRA_CA_CERTS/);
    const service = await start({});
    const { status, body } = await ask(`${service.url}/readyz`);
    expect([status, body.checks.postgres.detail]).toEqual([503, expect.stringContaining('NODE_EXTRA_CA_CERTS')]);
    await eventually(() =>
      expect(
        service.lines.filter((line) => /not ready.*NODE_EXTRA_CA_CERTS|NODE_EXTRA_CA_CERTS.*not ready/.test(line)),
      ).toHaveLength(1),
    );
  });

  it.each(['require', 'verify-full'])('are used with NODE_EXTRA_CA_CERTS and sslmode=%s, over TLS', async (mode) => {
    const env = {
      NODE_EXTRA_CA_CERTS: authority,
      DATABASE_URL: `${servers.postgresUrl('inventory_db')}?sslmode=${mode}`,
    };
    expect(migrate(env)).toMatch(/applied|up to date/);
    const service = await start(env);
    await eventually(async () => expect((await ask(`${service.url}/health`)).body.status).toBe('up'));
    const encrypted = `SELECT bool_and(ssl) AS ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
      WHERE application_name LIKE 'inventory-service%'`;
    expect((await admin.query(encrypted)).rows).toEqual([{ ssl: true }]);
  });

  it('is used with sslrootcert in the URL, for PostgreSQL alone', async () => {
    const service = await start({ DATABASE_URL: `${urls.DATABASE_URL}&sslrootcert=${authority}` });
    await eventually(async () => expect((await ask(`${service.url}/readyz`)).status).toBe(200));
    expect((await ask(`${service.url}/health`)).body.checks.redis.status).toBe('degraded');
  });
});
