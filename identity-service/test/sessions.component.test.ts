import { afterAll, beforeAll, expect, it } from 'vitest';
import { code, type IdentityHarness, startIdentityService } from './identity-harness.ts';

let identity: IdentityHarness;
beforeAll(async () => {
  identity = await startIdentityService();
});
afterAll(() => identity.stop());

let customers = 0;
const customer = () => identity.customer(`session-${++customers}@example.org`);
/** As if the last use of the token had been so long ago. */
const ageBy = (userId: string, seconds: number) =>
  identity.rows("UPDATE sessions SET rotated_at = rotated_at - $2 * interval '1 s' WHERE user_id = $1", [
    userId,
    seconds,
  ]);
const sessionsOf = (userId: string) => identity.rows('SELECT * FROM sessions WHERE user_id = $1', [userId]);

it('a refresh token is replaced at each use, and the session goes on', async () => {
  const first = await customer();
  const seen = new Set([first.refresh_token]);
  let { refresh_token } = first;
  for (let turn = 1; turn <= 3; turn++) {
    const next = await identity.refresh(refresh_token);
    expect(next.status).toBe(200);
    expect(await identity.claims(next.body.access_token)).toMatchObject({ sub: first.user.user_id });
    ({ refresh_token } = next.body);
    seen.add(refresh_token);
  }
  expect(seen.size).toBe(4);
  expect(await sessionsOf(first.user.user_id)).toHaveLength(1);
});

it('a repetition whose answer was lost gets the same successor, however many come at once', async () => {
  const { refresh_token, user } = await customer();
  const answers = await Promise.all(Array.from({ length: 5 }, () => identity.refresh(refresh_token)));
  expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
  const successors = new Set(answers.map(({ body }) => body.refresh_token));
  expect(successors.size).toBe(1);
  expect((await identity.refresh([...successors][0])).status).toBe(200);
  expect(await sessionsOf(user.user_id)).toHaveLength(1);
});

it('a token that was used long ago ends its session, for the thief and for the owner', async () => {
  const { refresh_token, user } = await customer();
  const next = (await identity.refresh(refresh_token)).body;
  await ageBy(user.user_id, 31);
  expect(code(await identity.refresh(refresh_token))).toEqual([401, 'SESSION_ENDED']);
  expect(code(await identity.refresh(next.refresh_token))).toEqual([401, 'SESSION_ENDED']);
  expect(await sessionsOf(user.user_id)).toEqual([]);
});

it('a token whose successor was used ends its session at once', async () => {
  const { refresh_token } = await customer();
  const second = (await identity.refresh(refresh_token)).body;
  const third = (await identity.refresh(second.refresh_token)).body;
  expect(code(await identity.refresh(refresh_token))).toEqual([401, 'SESSION_ENDED']);
  expect(code(await identity.refresh(third.refresh_token))).toEqual([401, 'SESSION_ENDED']);
});

it('an invented token ends no session, even with the id of one', async () => {
  const { refresh_token } = await customer();
  const [session] = refresh_token.split('.');
  for (const token of [`${session}.${'A'.repeat(22)}.${'A'.repeat(43)}`, 'nonsense', `${'A'.repeat(22)}.x.y`]) {
    expect(code(await identity.refresh(token))).toEqual([401, 'SESSION_ENDED']);
    expect((await identity.signOut(token)).status).toBe(204);
  }
  expect((await identity.refresh(refresh_token)).status).toBe(200);
});

it('signing out ends this session, or all of the user', async () => {
  const first = await customer();
  const others = await Promise.all([1, 2].map(() => identity.signIn(first.user.email)));
  const [second, third] = others.map(({ body }) => body);
  expect((await identity.signOut(first.refresh_token)).status).toBe(204);
  expect((await identity.refresh(first.refresh_token)).status).toBe(401);
  expect((await identity.refresh(second.refresh_token)).status).toBe(200);
  // With a token that was replaced meanwhile.
  expect((await identity.signOut(second.refresh_token, { everywhere: true })).status).toBe(204);
  expect((await identity.refresh(third.refresh_token)).status).toBe(401);
  expect(await sessionsOf(first.user.user_id)).toEqual([]);
});

it('the tokens of a disabled user stop at once, and access ends with the access token', async () => {
  const { refresh_token, access_token, user } = await customer();
  expect((await identity.changeUser(user.user_id, { disabled: true, reason: 'gone' })).body.user.disabled).toBe(true);
  expect(code(await identity.refresh(refresh_token))).toEqual([401, 'SESSION_ENDED']);
  expect((await identity.me(access_token)).status).toBe(401);
  expect(code(await identity.signIn(user.email))).toEqual([401, 'SIGN_IN_FAILED']);
  await identity.changeUser(user.user_id, { disabled: false });
  expect((await identity.signIn(user.email)).status).toBe(200);
  expect((await identity.refresh(refresh_token)).status).toBe(401);
});

it('a user has at most fifty sessions: the one unused for longest ends', async () => {
  const { refresh_token, user } = await customer();
  const copy = `INSERT INTO sessions (session_id, user_id, family_hash, token_hash, rotated_at, expires_at)
    SELECT gen_random_uuid(), user_id, family_hash, token_hash, rotated_at + n * interval '1 s', expires_at
    FROM sessions, generate_series(1, 49) AS n WHERE user_id = $1`;
  await identity.rows(copy, [user.user_id]);
  await identity.signIn(user.email);
  expect(await sessionsOf(user.user_id)).toHaveLength(50);
  expect((await identity.refresh(refresh_token)).status).toBe(401);
});

it('refresh tokens are kept as hashes only', async () => {
  const { refresh_token } = await customer();
  const secret = refresh_token.split('.')[2] ?? '';
  const dump = JSON.stringify(await identity.rows('SELECT sessions::text FROM sessions'));
  expect(dump).not.toContain(secret);
  expect(dump).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
});
