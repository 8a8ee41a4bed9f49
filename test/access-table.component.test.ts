import { randomUUID } from 'node:crypto';
import { HEADER } from '@valerix/contracts';
import { type FreshDatabase, freshDatabase, freshRedis, templateName } from '@valerix/local-stack/testing';
import {
  callersOf,
  credentialVariable,
  declaration,
  SECRET_VARIABLES,
  SERVICE_KEYS,
  type ServiceKey,
  urlVariable,
} from '@valerix/system';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  ACCOUNT,
  CALLERS,
  type Caller,
  IMPOSTORS,
  type Impostor,
  type Row,
  RULES,
  TABLE,
  USER_IDS,
  type World,
} from './support/access-table.ts';
import { contractOf } from './support/contract.ts';
import { eventually } from './support/eventually.ts';
import { ask, placeOrder, post } from './support/http.ts';
import { bearer, type Issuer, startIssuer, unsigned } from './support/issuer.ts';
import { SECRETS, type ServiceProcess, startService, TOKEN } from './support/service-process.ts';

/** Tables that a service writes without being asked. */
const OWN_WORK = /^(integrity_|installation|reconciliation|retention)/;
const keys = SERVICE_KEYS.filter((key) => TABLE[key]);

let issuer: Issuer;
let tokens: Record<
  'customer' | 'other customer' | 'operator' | Exclude<Impostor, 'credential of another edge'>,
  string
>;
beforeAll(async () => {
  issuer = await startIssuer();
  // The issuer publishes it too; every provider that signs other documents may have such keys.
  await issuer.addKey('other', 'ES256');
  const customer = { sub: USER_IDS.customer };
  const operator = { sub: USER_IDS.operator, roles: ['operator' as const] };
  tokens = {
    customer: await issuer.token(customer),
    'other customer': await issuer.token({ sub: USER_IDS.other }),
    operator: await issuer.token(operator),
    expired: await issuer.token(operator, { expiresIn: -60 }),
    'wrong audience': await issuer.token(operator, { claims: { aud: 'elsewhere' } }),
    'another algorithm': await issuer.token(operator, { kid: 'other' }),
    'alg none': unsigned(await issuer.token(operator)),
    'another key': await issuer.forged(operator),
  };
});
afterAll(() => issuer.leave());

it.each(SERVICE_KEYS)('every operation of the service %s has a row in the table of who may do what', async (key) => {
  const { openApiDocument } = await import(`../${declaration(key).name}/src/openapi.ts`);
  const { operations } = contractOf(openApiDocument, TOKEN);
  expect(Object.keys(TABLE[key] ?? {}).sort()).toEqual(operations.toSorted());
});

describe.each(['open', 'closed'] as const)('with ACCESS=%s', (access) => {
  const databases = {} as Record<ServiceKey, FreshDatabase>;
  const services = {} as Record<ServiceKey, ServiceProcess>;
  let world: World & { orderToken: string };

  beforeAll(async () => {
    const REDIS_URL = await freshRedis(inject('redisUrl'));
    // Each after the services that it calls.
    for (const key of keys) {
      databases[key] = await freshDatabase(inject('postgresUrl'), templateName(key));
      const urls = declaration(key).calls.map((called) => [urlVariable(called), services[called]?.url]);
      const given = Object.fromEntries(urls.filter(([, url]) => url !== undefined));
      if (key === 'identity') await fillIdentity(databases[key].url);
      const env = { DATABASE_URL: databases[key].url, REDIS_URL, IDENTITY_URL: issuer.url, ACCESS: access, ...given };
      services[key] = await startService(declaration(key).name, env);
    }
    const asGuest = await placeOrder(services.order.url, { item_id: 'ps5', quantity: 1 });
    const asCustomer = await post(
      `${services.order.url}/api/orders`,
      { item_id: 'ps5', quantity: 1 },
      { [HEADER.idempotencyKey]: randomUUID(), ...bearer(tokens.customer) },
    );
    for (const { body } of [asGuest, asCustomer]) {
      const url = `${services.order.url}/api/orders/${body.order.order_id}`;
      await eventually(async () =>
        expect((await ask(url, { headers: bearer(TOKEN) })).body.order.status).toBe('confirmed'),
      );
    }
    const identity = `${services.identity.url}/api/identity`;
    await post(`${identity}/sign-up`, ACCOUNT);
    world = {
      refreshToken: (await post(`${identity}/sign-in`, ACCOUNT)).body.refresh_token,
      guestsOrder: asGuest.body.order.order_id,
      customersOrder: asCustomer.body.order.order_id,
      orderToken: asGuest.headers.get(HEADER.orderToken) as string,
    };
  });
  afterAll(async () => {
    for (const key of keys.toReversed()) {
      await services[key]?.stop();
      await databases[key]?.drop();
    }
  });

  function credentialsOf(key: ServiceKey, caller: Caller | Impostor): Record<string, string> {
    if (caller === 'nobody') return {};
    if (caller === 'guest') return { [HEADER.orderToken]: world.orderToken };
    if (caller === 'operator token') return bearer(TOKEN);
    const [known] = callersOf(key).map((one) => credentialVariable(one, key));
    const other = SECRET_VARIABLES.find((name) => name !== known);
    if (caller === 'service') return bearer(SECRETS[known ?? (other as (typeof SECRET_VARIABLES)[number])]);
    if (caller === 'credential of another edge') return bearer(SECRETS[other as (typeof SECRET_VARIABLES)[number]]);
    return bearer(tokens[caller]);
  }

  async function send(key: ServiceKey, operation: string, row: Row, caller: Caller | Impostor): Promise<number> {
    const [method = '', path = ''] = operation.split(' ');
    const body = row.body?.(world);
    const response = await fetch(services[key].url + (row.url?.(world) ?? path), {
      method,
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...row.headers?.(),
        ...credentialsOf(key, caller),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    await response.body?.cancel();
    return response.status;
  }

  /** All that requests can change in a service: its tables, and the faults that are armed. */
  async function stateOf(key: ServiceKey): Promise<unknown> {
    const client = new pg.Client({ connectionString: databases[key].url });
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname`,
      );
      const tables: Record<string, string> = {};
      for (const { name } of rows.filter((row) => !OWN_WORK.test(row.name))) {
        const digest = `SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) AS digest FROM "${name}" t`;
        tables[name] = (await client.query<{ digest: string }>(digest)).rows[0]?.digest as string;
      }
      return {
        tables,
        faults: (await ask(`${services[key].url}/api/admin/chaos/faults`, { headers: bearer(TOKEN) })).text,
      };
    } finally {
      await client.end();
    }
  }

  const mayPass = (key: ServiceKey, row: Row, caller: Caller): boolean =>
    (RULES[row.rule][access] as readonly Caller[]).includes(caller) &&
    // A service that nobody calls knows no credential.
    (caller !== 'service' || callersOf(key).length > 0);
  const rowsOf = (key: ServiceKey): [string, Row][] =>
    Object.entries(TABLE[key] ?? {}).flatMap(([operation, rows]) =>
      [rows].flat().map((row): [string, Row] => [operation, row]),
    );

  // All refusals first: what is allowed in one service reaches the others, as a halt of chaos does.
  it.each(keys)(
    'the service %s refuses everybody who may not, logs it without a secret, and nothing changes',
    async (key) => {
      const before = await stateOf(key);
      const wrong: string[] = [];
      for (const [operation, row] of rowsOf(key)) {
        const refused = [...CALLERS.filter((caller) => !mayPass(key, row, caller)), ...IMPOSTORS];
        for (const caller of refused) {
          const status = await send(key, operation, row, caller);
          const isImpostor = (IMPOSTORS as readonly string[]).includes(caller);
          const fits = isImpostor ? status === 401 : [401, 403, 404].includes(status);
          if (!fits) wrong.push(`${operation} (${row.rule}) by ${caller}: ${status}`);
        }
      }
      expect(wrong).toEqual([]);
      expect(await stateOf(key)).toEqual(before);
      const log = services[key].lines.join('\n');
      expect(log).toContain('a token was refused');
      for (const secret of [...Object.values(tokens), ...Object.values(SECRETS), TOKEN, world.orderToken]) {
        expect(log.includes(secret)).toBe(false);
      }
    },
  );

  it.each(keys)('the service %s lets everybody pass who may', async (key) => {
    const wrong: string[] = [];
    for (const [operation, row] of rowsOf(key)) {
      for (const caller of CALLERS.filter((one) => mayPass(key, row, one))) {
        const status = await send(key, operation, row, caller);
        if (status >= 300 && status !== row.passes) wrong.push(`${operation} (${row.rule}) by ${caller}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

/** The users whose tokens the test signs, and its key beside those of identity-service. */
async function fillIdentity(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { body } = await ask(issuer.url);
  const key = `INSERT INTO signing_keys (kid, public_jwk, sealed_private, signs_from) VALUES ('first', $1, $2, now() - interval '1 min')`;
  await client.query(key, [JSON.stringify(body.keys[0]), Buffer.alloc(64)]);
  // Nobody's password: the hash of nothing we know.
  const hash = `$argon2id$v=19$m=64,t=1,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  const user = 'INSERT INTO users (user_id, email, email_key, password_hash, roles) VALUES ($1, $2, $2, $3, $4)';
  for (const [name, id] of Object.entries(USER_IDS)) {
    await client.query(user, [id, `${name}@example.org`, hash, [name === 'operator' ? 'operator' : 'customer']]);
  }
  await client.end();
}
