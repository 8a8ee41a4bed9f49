import { freshDatabase, freshRedis, templateName } from '@valerix/local-stack/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { type Answer, ask } from './support/http.ts';
import { bearer, unsigned } from './support/issuer.ts';
import { CLIENT, type OpenIdTokens, startOpenIdProvider } from './support/openid-provider.ts';
import { type ServiceProcess, startService, TOKEN } from './support/service-process.ts';

// In place of identity-service: a certified OpenID provider over real sockets, and a service that is told its address alone.
const AUDIENCE = CLIENT;
let provider: Awaited<ReturnType<typeof startOpenIdProvider>>;
let service: ServiceProcess;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let operator: OpenIdTokens;
let customer: OpenIdTokens;

const settings = async (more: Record<string, string> = {}) => ({
  ...{ DATABASE_URL: database.url, REDIS_URL: await freshRedis(inject('redisUrl')), OIDC_ISSUER: provider.issuer },
  ...{ OIDC_AUDIENCE: AUDIENCE, OIDC_ROLE_CLAIM: 'realm_access.roles', ...more },
});
/** What only operators may do. */
const setPrice = (token: string, price_cents: number, url = service.url): Promise<Answer> =>
  ask(`${url}/api/inventory/ps5`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json', ...bearer(token) },
    body: JSON.stringify({ price_cents }),
  });

beforeAll(async () => {
  provider = await startOpenIdProvider({ ada: ['operator', 'offline_access'], bob: ['customer'] });
  database = await freshDatabase(inject('postgresUrl'), templateName('inventory'));
  service = await startService('inventory-service', await settings());
  operator = await provider.tokensOf('ada', AUDIENCE);
  customer = await provider.tokensOf('bob', AUDIENCE);
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

it('an operator of the provider is an operator here, and the audit names the person of the token', async () => {
  expect((await setPrice(operator.access_token, 12_345)).body.item.price_cents).toBe(12_345);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query('SELECT who, principal FROM operator_audit');
  await client.end();
  expect(rows).toEqual([{ who: 'ada@example.org', principal: 'user:ada' }]);
});

it('a customer of the provider is known, and no operator', async () => {
  expect((await setPrice(customer.access_token, 1)).status).toBe(403);
  expect((await ask(`${service.url}/api/inventory`, { headers: bearer(customer.access_token) })).status).toBe(200);
});

it('refuses tokens of another audience, tokens that are no access tokens, and unsigned ones', async () => {
  const elsewhere = await provider.tokensOf('ada', 'urn:valerix:elsewhere');
  // Its audience is the client, which here is the audience of the services as well.
  expect(claimsOf(operator.id_token)).toMatchObject({ aud: AUDIENCE, sub: 'ada' });
  for (const token of [elsewhere.access_token, operator.id_token, unsigned(operator.access_token)]) {
    expect((await setPrice(token, 2)).status).toBe(401);
  }
});

it('without the role claim nobody is an operator, and a provider that calls itself otherwise is not believed', async () => {
  const noRoles = await startService('inventory-service', await settings({ OIDC_ROLE_CLAIM: 'groups' }));
  const other = await startService('inventory-service', await settings({ OIDC_ISSUER: `${provider.issuer}/` }));
  try {
    expect((await setPrice(operator.access_token, 3, noRoles.url)).status).toBe(403);
    expect((await setPrice(operator.access_token, 3, other.url)).status).toBe(503);
    expect((await setPrice(TOKEN, 3, other.url)).status).toBe(200);
  } finally {
    await noRoles.stop();
    await other.stop();
  }
});

it('the keys outlive the provider: known and new tokens are verified without it', async () => {
  const later = await provider.tokensOf('ada', AUDIENCE);
  await provider.stop();
  await eventually(async () => expect((await setPrice(operator.access_token, 4)).status).toBe(200));
  expect((await setPrice(later.access_token, 5)).body.item.price_cents).toBe(5);
});

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
