import { freshDatabase, freshRedis } from '@valerix/local-stack/testing';
import { Redis } from 'ioredis';
import { createLocalJWKSet, jwtVerify } from 'jose';
import pg from 'pg';
import { inject } from 'vitest';
import { type Answer, ask, post } from '../../test/support/http.ts';
import { startService, TOKEN } from '../../test/support/service-process.ts';

export const MACHINE = { Authorization: `Bearer ${TOKEN}` };
export const PASSWORD = 'a horse and a battery';

/** The real identity-service over a database of the test's own. */
export async function startIdentityService(env: Record<string, string> = {}) {
  const database = await freshDatabase(inject('postgresUrl'), 'identity_template');
  const settings = { DATABASE_URL: database.url, REDIS_URL: await freshRedis(inject('redisUrl')), ...env };
  const redis = new Redis(settings.REDIS_URL);
  const service = await startService('identity-service', settings);
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  // A connection the server ends while the test clears up is no failure of the test.
  pool.on('error', () => {});
  const at = (path: string) => `${service.url}/api/identity/${path}`;

  return {
    url: service.url,
    lines: service.lines,
    startReplica: (more: Record<string, string> = {}) => startService('identity-service', { ...settings, ...more }),
    async rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
      return (await pool.query<T>(sql, values)).rows;
    },
    redisKeys: (pattern: string) => redis.keys(pattern),
    /** A connection to the database; the caller releases it. */
    connect: () => pool.connect(),
    signUp: (email: string, password = PASSWORD) => post(at('sign-up'), { email, password }),
    signIn: (email: string, password = PASSWORD) => post(at('sign-in'), { email, password }),
    /** Signs a new customer up and in. @returns its tokens */
    async customer(email: string) {
      await this.signUp(email);
      return (await this.signIn(email)).body;
    },
    refresh: (refresh_token: string) => post(at('refresh'), { refresh_token }),
    signOut: (refresh_token: string, more = {}) => post(at('sign-out'), { refresh_token, ...more }),
    changePassword: (access: string, current_password: string, new_password: string) =>
      post(at('password'), { current_password, new_password }, bearer(access)),
    me: (access: string) => ask(`${service.url}/api/me`, { headers: bearer(access) }),
    bootstrap: (email: string, headers: Record<string, string> = MACHINE) =>
      post(at('bootstrap'), { email, password: PASSWORD }, headers),
    createUser: (body: object, headers: Record<string, string> = MACHINE) =>
      post(at('users'), { password: PASSWORD, ...body }, headers),
    changeUser: (userId: string, body: object, headers: Record<string, string> = MACHINE) =>
      ask(at(`users/${userId}`), {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    users: (query = '', headers: Record<string, string> = MACHINE) => ask(at(`users${query}`), { headers }),
    keySet: async (url = service.url) => (await ask(`${url}/.well-known/jwks.json`)).body,
    /** The claims of a token that the published keys verify. */
    async claims(token: string, url = service.url) {
      const keys = createLocalJWKSet(await this.keySet(url));
      const options = { algorithms: ['EdDSA'], issuer: 'urn:valerix:identity', audience: 'valerix' };
      return (await jwtVerify(token, keys, options)).payload;
    },
    async stop() {
      await service.stop();
      await pool.end();
      redis.disconnect();
      await database.drop();
    },
  };
}

export type IdentityHarness = Awaited<ReturnType<typeof startIdentityService>>;

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
export const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
export const code = ({ status, body }: Answer) => [status, body?.code];
