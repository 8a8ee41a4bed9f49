import { randomUUID } from 'node:crypto';
import { createRegistry } from '@valerix/service-kit/metrics';
import { expect, it } from 'vitest';
import { createMetrics } from '../src/metrics.ts';
import { createParticipantClient } from '../src/participant-client.ts';
import { type AnyCommand, type AnyDecision, ParticipantFailure } from '../src/participant-transport.ts';

/** A client that loses the first attempt of every second order. */
function lossyClient() {
  const seen = { calls: 0, attempts: 0 };
  const unlucky = new Set<string>();
  const send = async ({ order_id, attempt }: AnyCommand): Promise<AnyDecision> => {
    seen.attempts++;
    if (attempt === 1 && unlucky.has(order_id)) throw new ParticipantFailure('connection', 'cut');
    return { order_id, outcome: 'applied', reason: null };
  };
  const client = createParticipantClient({
    name: 'inventory',
    transport: { send, close: async () => {} },
    metrics: createMetrics(createRegistry()),
    deadlineMs: 60_000,
    attemptTimeoutMs: 60_000,
    maxAttempts: 5,
    bulkhead: 10_000,
    breaker: { windowMs: 2_000, errorPercentage: 65, minCalls: 20, resetMs: 2_000 },
  });
  const place = () => {
    const orderId = randomUUID();
    if (seen.calls++ % 2 === 0) unlucky.add(orderId);
    const items = [{ item_id: 'ps5', quantity: 1 }];
    return client.ask({ op: 'deduct', order_id: orderId, items }, { round: 0, requestId: 'r' });
  };
  return { seen, place, close: () => client.close() };
}

it('a service that fails half of the calls gets a tenth more attempts from a busy caller, not half as many again', async () => {
  const { seen, place, close } = lossyClient();
  const started = performance.now();
  const kinds = new Set<string>();
  for (let wave = 0; wave < 50; wave++) {
    const outcomes = await Promise.all(Array.from({ length: 100 }, place));
    for (const { kind } of outcomes) kinds.add(kind);
  }
  const seconds = (performance.now() - started) / 1000;
  await close();
  expect(seen.attempts - seen.calls).toBeGreaterThan(0);
  expect(seen.attempts - seen.calls).toBeLessThanOrEqual(200 + 0.1 * seen.calls + 100 * seconds + 1);
  // The others are queued: their outcome is unknown, not guessed.
  expect(kinds).toEqual(new Set(['decided', 'unknown']));
});

it('a few orders are all retried', async () => {
  const { place, close } = lossyClient();
  const outcomes = await Promise.all(Array.from({ length: 100 }, place));
  await close();
  expect(outcomes.filter(({ kind }) => kind !== 'decided')).toEqual([]);
});
