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
}

/** Signs in from an address of this machine. */
async function signInFrom(localAddress: string, email: string, password: string): Promise<Attempt> {
  const startedAt = performance.now();
  const agent = new Agent({ keepAlive: false });
  const options = { method: 'POST', agent, localAddress, headers: { 'Content-Type': 'application/json' } };
  const sent = request(`${identity.url}/api/identity/sign-in`, options);
  sent.end(JSON.stringify({ email, password }));
  const [answer] = await once(sent, 'response');
  answer.resume();
  await once(answer, 'end');
  return { status: answer.statusCode, tookMs: performance.now() - startedAt };
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
    // The load was real, and no guess was let in.
    expect(guesses.length).toBeGreaterThan(300);
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]));
  },
);

it('a refusal comes no sooner than a quarter of a second, and slower after five failures', async () => {
  const tries: Attempt[] = [];
  for (let turn = 0; turn < 6; turn++)
    tries.push(await signInFrom(`127.0.4.${turn + 1}`, 'slowed@example.org', 'wrong'));
  expect(Math.min(...tries.map(({ tookMs }) => tookMs))).toBeGreaterThanOrEqual(245);
  expect(tries[5]?.tookMs).toBeGreaterThanOrEqual(1_495);
});
