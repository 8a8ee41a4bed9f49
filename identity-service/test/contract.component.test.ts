import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf } from '../../test/support/contract.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { openApiDocument } from '../src/openapi.ts';
import { bearer, type IdentityHarness, PASSWORD, startIdentityService } from './identity-harness.ts';

// What /openapi.json says is what is answered: status, headers, type, body and code.
const contract = contractOf(openApiDocument, TOKEN);
const ACCOUNT = { email: 'contract@example.org', password: PASSWORD };
let identity: IdentityHarness;
beforeAll(async () => {
  identity = await startIdentityService();
});
afterAll(() => identity.stop());

const send = (operation: string, body?: object, more: { url?: string; headers?: Record<string, string> } = {}) =>
  contract.send(identity.url, {
    operation,
    url: more.url,
    init: { headers: more.headers ?? {}, ...(body && { body: JSON.stringify(body) }) },
  });

it('every success is answered as it is documented, and so are refusals', async () => {
  await send('POST /api/identity/sign-up', ACCOUNT);
  const { access_token, refresh_token, user } = JSON.parse((await send('POST /api/identity/sign-in', ACCOUNT)).body);
  const headers = bearer(access_token);
  await send('GET /api/me', undefined, { headers });
  await send('GET /.well-known/jwks.json');
  const refreshed = JSON.parse((await send('POST /api/identity/refresh', { refresh_token })).body);
  const password = { current_password: PASSWORD, new_password: 'another horse and cart' };
  await send('POST /api/identity/password', password, { headers });
  await send('POST /api/identity/sign-out', { refresh_token: refreshed.refresh_token });
  await send('POST /api/identity/bootstrap', { ...ACCOUNT, email: 'first@example.org' });
  await send('POST /api/identity/operator-sign-ins', { with: 'link' });
  await send('GET /api/identity/users');
  await send('POST /api/identity/users', { ...ACCOUNT, email: 'made@example.org' });
  const url = `/api/identity/users/${user.user_id}`;
  await send('PATCH /api/identity/users/{user_id}', { disabled: true }, { url });
  expect(contract.unseen()).toEqual([]);

  const refused = [
    await send('POST /api/identity/sign-in', ACCOUNT),
    await send('POST /api/identity/refresh', { refresh_token }),
    await send('GET /api/me', undefined, { headers }),
    await send('GET /api/identity/users', undefined, { headers }),
    await send('POST /api/identity/bootstrap', { ...ACCOUNT, email: 'second@example.org' }),
    await send('POST /api/identity/users', { ...ACCOUNT, email: 'made@example.org' }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 403, 409, 409]);
});

it.each(contract.misuses)('$operation: $what', async (misuse) => {
  const { status } = await contract.send(identity.url, misuse);
  expect(status).toBeGreaterThanOrEqual(misuse.least);
  expect(status).toBeLessThan(500);
});
