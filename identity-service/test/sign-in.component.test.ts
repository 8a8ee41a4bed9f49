import { argon2Sync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask } from '../../test/support/http.ts';
import { bearer, code, type IdentityHarness, MACHINE, PASSWORD, startIdentityService } from './identity-harness.ts';

let identity: IdentityHarness;
beforeAll(async () => {
  identity = await startIdentityService();
});
afterAll(() => identity.stop());

it('a new customer signs in, and the published keys verify who it is', async () => {
  expect((await identity.signUp('ada@example.org')).status).toBe(202);
  const { status, body } = await identity.signIn('ada@example.org');
  expect([status, body.token_type, body.expires_in]).toEqual([200, 'Bearer', 900]);
  expect(body.user).toMatchObject({ email: 'ada@example.org', roles: ['customer'], disabled: false });
  const claims = await identity.claims(body.access_token);
  expect(claims).toMatchObject({ sub: body.user.user_id, name: 'ada@example.org', roles: ['customer'] });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900);
  const me = await identity.me(body.access_token);
  expect([me.status, me.body.user]).toEqual([200, body.user]);
});

it('an email is one account, in capitals and however its letters are composed', async () => {
  await identity.signUp('J\u00fcrgen@Example.org');
  // The same letter as two characters, with another password: the account stays as it is.
  await identity.signUp('ju\u0308rgen@example.org', 'another password, long');
  const { status, body } = await identity.signIn('JU\u0308RGEN@example.ORG');
  expect([status, body.user?.email]).toEqual([200, 'J\u00fcrgen@Example.org']);
  expect(code(await identity.signIn('j\u00fcrgen@example.org', 'another password, long'))).toEqual([
    401,
    'SIGN_IN_FAILED',
  ]);
  expect(await identity.rows("SELECT FROM users WHERE email LIKE 'J%'")).toHaveLength(1);
});

it('a password is right however its letters are composed', async () => {
  await identity.signUp('form@example.org', 'stra\u00dfe, caf\u00e9, zebra');
  expect((await identity.signIn('form@example.org', 'stra\u00dfe, cafe\u0301, zebra')).status).toBe(200);
});

it('the answers do not tell whether an email has an account', async () => {
  await identity.signUp('known@example.org');
  const bare = ({ status, body }: Awaited<ReturnType<IdentityHarness['signIn']>>) => {
    const { request_id: _, ...rest } = body;
    return [status, rest];
  };
  const signUps = ['known@example.org', 'unknown@example.org'].map((email) => identity.signUp(email));
  const [known, unknown] = (await Promise.all(signUps)).map(bare);
  expect(known).toEqual(unknown);
  const wrong = ['known@example.org', 'stranger@example.org'].map((email) => identity.signIn(email, 'wrong'));
  const [wrongPassword, noAccount] = (await Promise.all(wrong)).map(bare);
  expect(wrongPassword).toEqual(noAccount);
  expect(code(await identity.signIn('known@example.org', 'wrong'))).toEqual([401, 'SIGN_IN_FAILED']);
});

it.each([
  ['email', { email: 'nobody', password: PASSWORD }],
  ['password', { email: 'short@example.org', password: 'short' }],
  ['password', { email: 'same@example.org', password: 'aaaaaaaaaaaaaaaa' }],
  ['password', { email: 'margaret@example.org', password: 'Margaret has a cat' }],
  ['roles', { email: 'role@example.org', password: PASSWORD, roles: ['operator'] }],
])('a sign-up with a wrong %s is refused by the name of the field, and repeats nothing of it', async (field, body) => {
  const answer = await ask(`${identity.url}/api/identity/sign-up`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect([answer.status, answer.body.code, answer.body.errors[0].field]).toEqual([400, 'VALIDATION_FAILED', field]);
  expect(answer.text).not.toContain(body.password);
});

/** argon2id with the least cost, as an import might bring it. */
function cheapHash(message: string): string {
  const nonce = Buffer.alloc(16, 7);
  const tag = argon2Sync('argon2id', { message, nonce, parallelism: 1, tagLength: 32, memory: 64, passes: 1 });
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=64,t=1,p=1$${text(nonce)}$${text(tag)}`;
}
const SET_HASH = 'UPDATE users SET password_hash = $2, password_sieve = NULL, sieve_key = NULL WHERE email = $1';

it('a hash of an older cost still lets its owner in, and is made anew', async () => {
  await identity.signUp('old@example.org');
  await identity.rows(SET_HASH, ['old@example.org', cheapHash(PASSWORD)]);
  expect((await identity.signIn('old@example.org', 'wrong')).status).toBe(401);
  expect((await identity.signIn('old@example.org')).status).toBe(200);
  const [row] = await identity.rows("SELECT password_hash, sieve_key FROM users WHERE email = 'old@example.org'");
  expect(row).toMatchObject({
    password_hash: expect.stringContaining('$m=19456,t=2,p=1$'),
    sieve_key: expect.any(String),
  });
  expect((await identity.signIn('old@example.org')).status).toBe(200);
});

it('a new password ends every other session, and needs the old one', async () => {
  const first = await identity.customer('change@example.org');
  const second = (await identity.signIn('change@example.org')).body;
  const wrong = await identity.changePassword(first.access_token, 'wrong', 'a new and long one');
  expect(code(wrong)).toEqual([401, 'SIGN_IN_FAILED']);
  const changed = await identity.changePassword(first.access_token, PASSWORD, 'a new and long one');
  expect(changed.status).toBe(200);
  for (const { refresh_token } of [first, second]) {
    expect(code(await identity.refresh(refresh_token))).toEqual([401, 'SESSION_ENDED']);
  }
  expect((await identity.refresh(changed.body.refresh_token)).status).toBe(200);
  const { user_id } = changed.body.user;
  const audit = "SELECT who, principal, what FROM operator_audit WHERE action = 'change-password'";
  expect(await identity.rows(audit)).toEqual([
    {
      who: 'change@example.org',
      principal: `user:${user_id}`,
      what: { user_id, email: 'change@example.org' },
    },
  ]);
  expect((await identity.signIn('change@example.org')).status).toBe(401);
  expect((await identity.signIn('change@example.org', 'a new and long one')).status).toBe(200);
});

it.each([
  ['', async () => {}],
  [', which would make its hash anew,', (email: string) => identity.rows(SET_HASH, [email, cheapHash(PASSWORD)])],
])('a sign-in with the former password%s neither outlives a change of it nor undoes it', async (what, prepare) => {
  const email = `race-${what.length}@example.org`;
  await identity.signUp(email);
  await prepare(email);
  const another = cheapHash('another password, long');
  const changing = await identity.connect();
  await changing.query('BEGIN');
  await changing.query(SET_HASH, [email, another]);
  const late = identity.signIn(email);
  const waiting =
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'";
  await eventually(async () => expect(await identity.rows(waiting)).toHaveLength(1));
  await changing.query('COMMIT');
  changing.release();
  expect(code(await late)).toEqual([401, 'SIGN_IN_FAILED']);
  const of = 'FROM users LEFT JOIN sessions USING (user_id) WHERE email = $1';
  expect(await identity.rows(`SELECT password_hash, session_id ${of}`, [email])).toEqual([
    { password_hash: another, session_id: null },
  ]);
});

it('what needs a person is refused to guests, machines and forged tokens', async () => {
  const { access_token } = await identity.customer('forged@example.org');
  const [header, payload, signature] = access_token.split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const forged = [`${none}.${payload}.`, `${header}.${payload}.${signature.slice(0, -4)}AAAA`, 'nonsense'];
  for (const token of forged) expect((await identity.me(token)).status).toBe(401);
  expect((await ask(`${identity.url}/api/me`)).status).toBe(401);
  expect((await ask(`${identity.url}/api/me`, { headers: MACHINE })).status).toBeGreaterThanOrEqual(401);
  expect((await identity.users('', bearer(access_token))).status).toBeGreaterThanOrEqual(401);
});

it('counts sign-ins by their outcome, and logs neither passwords nor tokens', async () => {
  const { access_token, refresh_token } = await identity.customer('metric@example.org');
  await identity.signIn('metric@example.org', 'a wrong password');
  const { text } = await ask(`${identity.url}/metrics`);
  expect(text).toMatch(/identity_sign_ins_total\{outcome="succeeded"\} [1-9]/);
  expect(text).toMatch(/identity_sign_ins_total\{outcome="failed"\} [1-9]/);
  await eventually(() => expect(identity.lines.join('\n')).toContain('/api/identity/sign-in'));
  for (const secret of [PASSWORD, 'a wrong password', access_token, refresh_token]) {
    expect(identity.lines.join('\n')).not.toContain(secret);
  }
});
