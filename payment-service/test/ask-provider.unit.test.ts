import { createRegistry } from '@valerix/service-kit/metrics';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { promotedBy } from '../../test/support/old-generation.ts';
import { createAskProvider } from '../src/ask-provider.ts';
import { decidePayment, type ProviderState, settlePayment } from '../src/decide-payment.ts';
import { createMetrics } from '../src/metrics.ts';
import { ProviderUnavailable } from '../src/provider/payment-provider.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MONEY = { amount_cents: 500, currency: 'EUR' };
const AT = '2026-01-01T00:00:00.000Z';
const opened = (order_id: string) =>
  decidePayment({ op: 'charge', order_id, ...MONEY, token: 'tok_ok' }, undefined, AT);

/** A provider whose answers the test gives, and the orders that are booked. */
function startAsking() {
  const answers = new Map<string, PromiseWithResolvers<ProviderState>>();
  const booked: string[] = [];
  const answerOf = (reference: string) => {
    const answer = answers.get(reference) ?? Promise.withResolvers<ProviderState>();
    answers.set(reference, answer);
    return answer;
  };
  const asked = (reference: string) => answerOf(reference).promise;
  const { askProvider } = createAskProvider({
    provider: { charge: asked, find: asked, refund: asked },
    store: {
      settle: async ({ order_id, told, seen }) => {
        booked.push(order_id);
        return { ...settlePayment(seen ?? opened(order_id), told, AT), isNew: false };
      },
    },
    metrics: createMetrics(createRegistry()),
    bulkhead: 10,
  });
  return {
    booked,
    ask: (order_id: string) => askProvider(opened(order_id), false),
    charge: async (order_id: string) => {
      answerOf(order_id).resolve({ status: 'charged', ...MONEY });
      await vi.advanceTimersByTimeAsync(0);
    },
    fail: (order_id: string) => answerOf(order_id).reject(new ProviderUnavailable('no answer')),
  };
}

it('a lone answer is booked at once', async () => {
  const { ask, charge, booked } = startAsking();
  const payment = ask('a');
  await charge('a');
  expect(booked).toEqual(['a']);
  expect(await payment).toMatchObject({ outcome: 'applied' });
});

it('answers wait for the others that are on their way, and are booked together', async () => {
  const { ask, charge, booked } = startAsking();
  const payments = ['a', 'b'].map(ask);
  await charge('a');
  expect(booked).toEqual([]);
  await charge('b');
  expect(booked.toSorted()).toEqual(['a', 'b']);
  for (const payment of payments) expect(await payment).toMatchObject({ outcome: 'applied' });
});

it('an answer does not wait for one that never comes, nor for one that fails', async () => {
  const { ask, charge, fail, booked } = startAsking();
  for (const id of ['a', 'never']) void ask(id);
  await charge('a');
  await vi.advanceTimersByTimeAsync(10);
  expect(booked).toEqual(['a']);
  const failing = [ask('b'), ask('fails')];
  await charge('b');
  fail('fails');
  await expect(failing[1]).rejects.toThrow('no answer');
  await vi.advanceTimersByTimeAsync(10);
  expect(booked).toEqual(['a', 'b']);
});

it('a payment that was asked about leaves nothing behind for a full collection', async () => {
  vi.useRealTimers();
  const answer = () => new Promise<ProviderState>((resolve) => setImmediate(resolve, { status: 'charged', ...MONEY }));
  const { askProvider } = createAskProvider({
    provider: { charge: answer, find: answer, refund: answer },
    store: { settle: async ({ seen = opened('a'), told }) => ({ ...settlePayment(seen, told, AT), isNew: false }) },
    metrics: createMetrics(createRegistry()),
    bulkhead: 256,
  });
  // Fifty are on their way all the time.
  const charge = async (times: number) => {
    let n = 0;
    const next = async () => {
      while (n < times) await askProvider(opened(`${n++}`), false);
    };
    await Promise.all(Array.from({ length: 50 }, next));
  };
  await charge(2_000);
  expect(await promotedBy(() => charge(6_000))).toBeLessThan(1);
});
