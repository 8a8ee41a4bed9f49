import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { post } from '../../test/support/http.ts';
import { bearer, code, type IdentityHarness, MACHINE, PASSWORD, startIdentityService } from './identity-harness.ts';

let identity: IdentityHarness;
beforeAll(async () => {
  identity = await startIdentityService();
});
afterAll(() => identity.stop());

const audits = (userId: string) =>
  identity.rows("SELECT who, principal, action, why FROM operator_audit WHERE what ->> 'user_id' = $1 ORDER BY id", [
    userId,
  ]);
const tokenOf = async (email: string): Promise<string> => (await identity.signIn(email)).body.access_token;

// First: there is no operator yet.
it('the first operator is made once, by the machine credential, however many try', async () => {
  const { access_token } = await identity.customer('early@example.org');
  expect((await identity.bootstrap('thief@example.org', {})).status).toBe(401);
  expect((await identity.bootstrap('thief@example.org', bearer(access_token))).status).toBeGreaterThanOrEqual(401);
  const tries = await Promise.all([1, 2, 3].map((n) => identity.bootstrap(`first-${n}@example.org`)));
  expect(tries.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  expect(code(await identity.bootstrap('second@example.org'))).toEqual([409, 'OPERATOR_EXISTS']);
  const { user } = tries.find(({ status }) => status === 201)?.body ?? {};
  expect(user.roles).toEqual(['customer', 'operator']);
  expect((await identity.signIn(user.email)).body.user.roles).toContain('operator');
  expect(code(await identity.changeUser(user.user_id, { disabled: true }))).toEqual([409, 'LAST_OPERATOR']);
  expect(code(await identity.changeUser(user.user_id, { roles: ['customer'] }))).toEqual([409, 'LAST_OPERATOR']);
});

it('an operator creates and changes users, and the audit names the operator of the token', async () => {
  const made = await identity.createUser({ email: 'grace@example.org', roles: ['operator'] });
  const principal = `user:${made.body.user.user_id}`;
  const grace = bearer(await tokenOf('grace@example.org'));
  const created = await identity.createUser({ email: 'new@example.org', reason: 'joined' }, grace);
  expect([created.status, created.body.user.roles]).toEqual([201, ['customer']]);
  const { user_id } = created.body.user;
  expect(code(await identity.createUser({ email: 'NEW@example.org' }, grace))).toEqual([409, 'EMAIL_TAKEN']);
  const changed = await identity.changeUser(user_id, { roles: ['customer', 'operator'] }, grace);
  expect(changed.body.user.roles).toEqual(['customer', 'operator']);
  // From its next token on.
  expect((await identity.users('', bearer(await tokenOf('new@example.org')))).status).toBe(200);
  expect(await audits(user_id)).toEqual([
    { who: 'grace@example.org', principal, action: 'create-user', why: 'joined' },
    { who: 'grace@example.org', principal, action: 'change-user', why: 'not given' },
  ]);
  expect(code(await identity.changeUser('0197f000-0000-7000-8000-000000000000', { disabled: true }, grace))).toEqual([
    404,
    'NOT_FOUND',
  ]);
});

it('a sign-in without an account is audited, at the word of the machine credential only', async () => {
  const note = (headers: Record<string, string>) =>
    post(`${identity.url}/api/identity/operator-sign-ins`, { with: 'link' }, headers);
  const { access_token } = await identity.customer('curious@example.org');
  expect([(await note({})).status, (await note(bearer(access_token))).status]).toEqual([401, 403]);
  expect((await note({ ...MACHINE, 'X-Forwarded-For': '192.0.2.7' })).status).toBe(204);
  expect(await identity.rows("SELECT who, principal, what FROM operator_audit WHERE action = 'sign-in'")).toEqual([
    { who: 'operator', principal: 'operator-token', what: { with: 'link', address: '192.0.2.7' } },
  ]);
});

it('two operators who take the role from each other leave one', async () => {
  for (const { user_id, roles } of (await identity.users('?limit=200')).body.items) {
    if (roles.includes('operator')) await identity.changeUser(user_id, { roles: ['customer'] });
  }
  const emails = ['left@example.org', 'right@example.org'];
  const made = await Promise.all(emails.map((email) => identity.createUser({ email, roles: ['operator'] })));
  const operators = (await identity.users('?limit=200')).body.items.filter(({ roles }: { roles: string[] }) =>
    roles.includes('operator'),
  );
  for (const { user_id } of operators) {
    if (!made.some(({ body }) => body.user.user_id === user_id)) await identity.changeUser(user_id, { roles: [] });
  }
  const changes = await Promise.all(made.map(({ body }) => identity.changeUser(body.user.user_id, { roles: [] })));
  expect(changes.map(({ status }) => status).sort()).toEqual([200, 409]);
});

it('users are listed in pages, each once, and found by the beginning of their email', async () => {
  for (const n of [1, 2, 3, 4, 5]) await identity.createUser({ email: `Page-${n}@example.org` });
  const emails: string[] = [];
  let cursor = '';
  do {
    const { body } = await identity.users(`?email=page-&limit=2${cursor && `&cursor=${cursor}`}`);
    emails.push(...body.items.map(({ email }: { email: string }) => email));
    cursor = body.next_cursor ?? '';
  } while (cursor);
  expect(emails).toEqual([1, 2, 3, 4, 5].map((n) => `Page-${n}@example.org`));
  expect((await identity.users()).text).not.toContain('argon2');
});

it('users are managed by operators only', async () => {
  const customer = bearer((await identity.customer('plain@example.org')).access_token);
  for (const headers of [{}, customer, bearer('wrong-token-of-somebody')]) {
    for (const { status } of [
      await identity.users('', headers),
      await identity.createUser({ email: 'x@example.org' }, headers),
      await identity.changeUser('0197f000-0000-7000-8000-000000000000', { disabled: true }, headers),
    ]) {
      expect([401, 403]).toContain(status);
    }
  }
  expect((await identity.users('?email=x@example.org')).body.items).toEqual([]);
});

it.each([
  ['is disabled', { disabled: true }, 401],
  ['lost the role', { roles: ['customer'] }, 403],
])('an operator who %s manages no users, also with a token that is still valid', async (what, change, refused) => {
  // Another one stays: the last operator keeps the role.
  await identity.createUser({ email: `stays-${refused}@example.org`, roles: ['operator'] });
  const email = `left-${refused}@example.org`;
  const { user_id } = (await identity.createUser({ email, roles: ['operator'] })).body.user;
  const former = bearer(await tokenOf(email));
  expect((await identity.users('', former)).status).toBe(200);
  expect((await identity.changeUser(user_id, change)).status).toBe(200);
  const answers = [
    await identity.users('', former),
    await identity.createUser({ email: `heir-${refused}@example.org`, roles: ['operator'], reason: what }, former),
    await identity.changeUser(user_id, { disabled: false, roles: ['operator'] }, former),
  ];
  expect(answers.map(({ status }) => status)).toEqual([refused, refused, refused]);
  expect(await audits(user_id)).toHaveLength(2);
});

it('the environment names the first operator, on however many replicas, and does nothing later', async () => {
  const env = { FIRST_OPERATOR_EMAIL: 'boss@example.org', FIRST_OPERATOR_PASSWORD: PASSWORD };
  const fresh = await startIdentityService(env);
  try {
    const replica = await fresh.startReplica();
    await eventually(async () =>
      expect((await fresh.signIn('boss@example.org')).body.user.roles).toContain('operator'),
    );
    await replica.stop();
    expect(
      (await post(`${fresh.url}/api/identity/bootstrap`, { email: 'b@example.org', password: PASSWORD }, MACHINE))
        .status,
    ).toBe(409);
    expect((await fresh.users()).body.items).toHaveLength(1);
  } finally {
    await fresh.stop();
  }
});
