import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type IdentityHarness, PASSWORD, startIdentityService } from './identity-harness.ts';

// Real load on a real process. Addresses are loopback's: a socket may be bound to any of 127.0.0.0/8.
let identity: IdentityHarness;
let limitMs: number;
beforeAll(async () => {
  identity = await startIdentityService();
  await identity.signUp('owner@example.org');
  const calm: Attempt[] = [];
  for (const from of ['127.0.3.5', '127.0.3.6', '127.0.3.7'])
    calm.push(await signInFrom(from, 'owner@example.org', PASSWORD));
  // Two seconds, except on a machine that is so busy that a sign-in without guesses takes more than 100 ms.
  limitMs = Math.max(2_000, 20 * Math.max(...calm.map(({ tookMs }) => tookMs)));
});
afterAll(() => identity.stop());

interface Attempt {
  status: number;
  tookMs: number;
  retryAfter: string | undefined;
}

/** Signs in from an address of this machine. */
async function signInFrom(localAddress: string, email: string, password: string, url = identity.url): Promise<Attempt> {
  const startedAt = performance.now();
  const agent = new Agent({ keepAlive: false });
  const options = { method: 'POST', agent, localAddress, headers: { 'Content-Type': 'application/json' } };
  const sent = request(`${url}/api/identity/sign-in`, options);
  sent.end(JSON.stringify({ email, password }));
  const [answer] = await once(sent, 'response');
  answer.resume();
  await once(answer, 'end');
  const retryAfter = answer.headers['retry-after'];
  return { status: answer.statusCode, tookMs: performance.now() - startedAt, retryAfter };
}

/** Guesses that wait for their answer: a slow refusal takes 1.5 s. More pile up only where the machine has no time for them. */
const MAX_OPEN = 400;

/** Sends a hundred guesses a second until stopped. */
function guess(target: (turn: number) => { from: string; email: string }) {
  const answers: Promise<Attempt>[] = [];
  let turn = 0;
  let open = 0;
  const startedAt = performance.now();
  const timer = setInterval(() => {
    for (; turn < (performance.now() - startedAt) / 10; turn++) {
      if (open >= MAX_OPEN) continue;
      open++;
      const { from, email } = target(turn);
      answers.push(signInFrom(from, email, `a wrong password ${turn}`).finally(() => open--));
    }
  }, 10);
  return async () => {
    clearInterval(timer);
    return Promise.all(answers);
  };
}

const addressOf = (turn: number) => `127.${1 + (turn % 200)}.${Math.floor(turn / 200) % 250}.7`;

/** The owner signs in again and again, while it goes on. */
async function ownersTries(addresses: string[]): Promise<Attempt[]> {
  const tries: Attempt[] = [];
  for (const from of addresses) {
    await sleep(400);
    tries.push(await signInFrom(from, 'owner@example.org', PASSWORD));
  }
  return tries;
}

it.each([
  ['on one account from many addresses', (turn: number) => ({ from: addressOf(turn), email: 'owner@example.org' })],
  ['from one address on many accounts', (turn: number) => ({ from: '127.0.9.9', email: `user-${turn}@example.org` })],
])(
  "the owner gets in within two seconds, from new addresses and the guesser's own, beside 100 guesses a second %s",
  async (_, target) => {
    const stop = guess(target);
    const addresses = [
      '127.0.9.9',
      '127.0.3.1',
      '127.0.9.9',
      '127.0.3.2',
      addressOf(0),
      '127.0.3.3',
      '127.0.9.9',
      '127.0.3.4',
    ];
    const owners = await ownersTries(addresses);
    const guesses = await stop();
    console.log(
      `${guesses.length} guesses; the owner waited ${owners.map(({ tookMs }) => `${Math.round(tookMs)} ms`).join(', ')}`,
    );
    expect(owners.map(({ status }) => status)).toEqual(Array(addresses.length).fill(200));
    expect(Math.max(...owners.map(({ tookMs }) => tookMs))).toBeLessThan(limitMs);
    // The load was real, and no guess was let in. A machine without time may answer some of them with 429 or 503.
    expect(guesses.filter(({ status }) => status === 401).length).toBeGreaterThan(300);
    expect(guesses.filter(({ status }) => ![401, 429, 503].includes(status))).toEqual([]);
  },
);

it('a refusal comes no sooner than a quarter of a second, and slower after five failures', async () => {
  const tries: Attempt[] = [];
  for (let turn = 0; turn < 6; turn++)
    tries.push(await signInFrom(`127.0.4.${turn + 1}`, 'slowed@example.org', 'wrong'));
  expect(Math.min(...tries.map(({ tookMs }) => tookMs))).toBeGreaterThanOrEqual(245);
  expect(tries[5]?.tookMs).toBeGreaterThanOrEqual(1_495);
});

it('failures count at all replicas together, and without Redis at each for itself', async () => {
  const [other, alone] = await Promise.all([
    identity.startReplica(),
    identity.startReplica({ REDIS_URL: 'redis://127.0.0.1:1' }),
  ]);
  try {
    /** The number of guesses on an account until one is slow, each from an address of its own. */
    const guessesUntilSlow = async (name: string, urls: string[]): Promise<number> => {
      for (let turn = 1; ; turn++) {
        const url = urls[turn % urls.length];
        if ((await signInFrom(`127.0.5.${turn}`, `${name}@example.org`, 'wrong', url)).tookMs >= 1_495) return turn;
      }
    };
    const [together, byItself] = await Promise.all([
      guessesUntilSlow('two-replicas', [identity.url, other.url]),
      guessesUntilSlow('one-replica', [alone.url]),
    ]);
    // Six, or a few more on a machine so busy that Redis answers too late. Each replica alone would take eleven.
    expect(together).toBeLessThanOrEqual(9);
    expect(byItself).toBeLessThanOrEqual(6);
    // Redis knows neither emails nor addresses, and of a key that failed once nothing at all.
    const keys = () => identity.redisKeys('*:failures:*');
    const before = await keys();
    expect(before.filter((key) => !/^identity-service:failures:[\w-]{43}$/.test(key))).toEqual([]);
    await signInFrom('127.0.5.9', 'once@example.org', 'wrong');
    expect(await keys()).toHaveLength(before.length);
    await identity.signUp('forgiven@example.org');
    for (const from of [1, 2, 3]) await signInFrom(`127.0.6.${from}`, 'forgiven@example.org', 'wrong');
    expect(await keys()).toHaveLength(before.length + 1);
    expect((await identity.signIn('forgiven@example.org')).status).toBe(200);
    await expect.poll(keys).toHaveLength(before.length);
  } finally {
    await Promise.all([other.stop(), alone.stop()]);
  }
}, 60_000);

it('more right passwords than can be hashed are refused at once with 429 and a second to wait', async () => {
  const accounts = 120;
  await identity.rows(
    `INSERT INTO users (user_id, email, email_key, roles, password_hash, password_sieve, sieve_key)
     SELECT gen_random_uuid(), n || '@crowd.org', n || '@crowd.org', roles, password_hash, password_sieve, sieve_key
     FROM users, generate_series(1, $1) AS n WHERE email = 'owner@example.org'`,
    [accounts],
  );
  const emails = Array.from({ length: accounts }, (_, n) => `${n + 1}@crowd.org`);
  const answers = await Promise.all(emails.map((email, n) => signInFrom(addressOf(n), email, PASSWORD)));
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 200).length + refused.length).toBe(accounts);
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused.map(({ retryAfter }) => retryAfter))).toEqual(new Set(['1']));
  // The line is empty again: a refusal cost its sender that second and nothing else.
  expect(
    (await signInFrom('127.0.8.1', emails[answers.indexOf(refused[0] as Attempt)] as string, PASSWORD)).status,
  ).toBe(200);
});
