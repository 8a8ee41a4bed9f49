import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, post } from '../../test/support/http.ts';
import { bearer, code, kidOf, PASSWORD, startIdentityService } from './identity-harness.ts';

const started = async (env: Record<string, string> = {}) => {
  const identity = await startIdentityService(env);
  onTestFinished(() => identity.stop());
  return identity;
};
const signInAt = async (url: string, email: string) =>
  (await post(`${url}/api/identity/sign-in`, { email, password: PASSWORD })).body;

it('replicas that start together sign with the same key, and each knows it', async () => {
  const identity = await started();
  const replicas = await Promise.all([1, 2].map(() => identity.startReplica()));
  onTestFinished(async () => void (await Promise.all(replicas.map((replica) => replica.stop()))));
  await identity.signUp('ada@example.org');
  const tokens = await Promise.all([identity, ...replicas].map(({ url }) => signInAt(url, 'ada@example.org')));
  expect(new Set(tokens.map(({ access_token }) => kidOf(access_token))).size).toBe(1);
  for (const { url } of replicas) {
    for (const { access_token } of tokens)
      expect((await identity.claims(access_token, url)).name).toBe('ada@example.org');
  }
});

it('a key is published before it signs, and while a token of it is valid', async () => {
  // Keys sign for three seconds each, and are published two seconds before and after.
  const identity = await started({ SIGNING_KEY_PERIOD: '3s', SIGNING_KEY_LEAD: '2s' });
  await identity.signUp('ada@example.org');
  const used: string[] = [];
  let published = await identity.keySet();
  const end = performance.now() + 20_000;
  while (new Set(used).size < 3 && performance.now() < end) {
    const known = published.keys.map(({ kid }: { kid: string }) => kid);
    const { access_token } = await signInAt(identity.url, 'ada@example.org');
    used.push(kidOf(access_token));
    // Whoever asked for the keys a moment before knows the key of every token, except of the very first.
    expect(known).toContain(kidOf(access_token));
    await identity.claims(access_token);
    published = await identity.keySet();
  }
  expect(new Set(used).size).toBe(3);
  // In turn: no key signs again.
  expect([...new Set(used)]).toEqual(used.filter((kid, index) => kid !== used[index - 1]));
  const [first = ''] = used;
  await eventually(async () => {
    const { keys } = await identity.keySet();
    expect(keys.map(({ kid }: { kid: string }) => kid)).not.toContain(first);
  });
  expect(JSON.stringify(await identity.keySet())).not.toContain('"d"');
});

it('a private key is not readable in the database, and of no use with another secret', async () => {
  const identity = await started();
  await identity.signUp('ada@example.org');
  const before = await signInAt(identity.url, 'ada@example.org');
  const rows = JSON.stringify(await identity.rows("SELECT encode(sealed_private, 'escape') AS text FROM signing_keys"));
  expect(rows).not.toContain('Ed25519');
  const other = await identity.startReplica({ OPERATOR_TOKEN: 'another-token-of-operators' });
  onTestFinished(async () => void (await other.stop()));
  const after = await signInAt(other.url, 'ada@example.org');
  expect(kidOf(after.access_token)).not.toBe(kidOf(before.access_token));
  // Both verify with what either publishes.
  await eventually(async () => {
    for (const { access_token } of [before, after]) {
      expect((await identity.claims(access_token, other.url)).name).toBe('ada@example.org');
    }
  });
});

it('a replica that could not read the keys yet says so: it names no empty set, and calls no token invalid', async () => {
  const identity = await started();
  const { access_token } = await identity.customer('ada@example.org');
  const blind = await identity.startReplica({ DATABASE_URL: 'postgres://nobody:none@127.0.0.1:9/none' });
  onTestFinished(async () => void (await blind.stop()));
  expect(code(await ask(`${blind.url}/.well-known/jwks.json`))).toEqual([503, 'DATABASE_UNAVAILABLE']);
  const me = await ask(`${blind.url}/api/me`, { headers: bearer(access_token) });
  expect(code(me)).toEqual([503, 'IDENTITY_UNAVAILABLE']);
});
