import { hash } from 'node:crypto';
import type { ProblemError } from '@valerix/service-kit/problem';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprintOf, parseIdempotencyKey } from '../src/idempotency.ts';

const refusal = (sent?: string[]) => {
  try {
    parseIdempotencyKey(sent);
  } catch (error) {
    const { code, errors } = error as ProblemError;
    return { code, ...errors?.[0] };
  }
  return undefined;
};

it('a bare key and the same key as a quoted string are one key', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[!-~]{1,120}$/), (key) => {
      const quoted = `"${key.replace(/["\\]/g, '\\$&')}"`;
      fc.pre(!/^"(?:[^"\\]|\\["\\])*"$/.test(key));
      expect(parseIdempotencyKey([quoted])).toBe(key);
      expect(parseIdempotencyKey([key])).toBe(key);
    }),
  );
});

it('a missing, repeated, empty, overlong or unprintable key is refused by name', () => {
  for (const sent of [[], [''], ['a', 'b'], ['a', 'a'], ['""'], [' '], ['a'.repeat(256)], ['naïve'], ['tab\there']]) {
    expect(refusal(sent), String(sent)).toMatchObject({ code: 'VALIDATION_FAILED', field: 'Idempotency-Key' });
  }
  expect(parseIdempotencyKey(['a'.repeat(255)])).toHaveLength(255);
});

it('a key that was not sent is asked for; an empty one was not sent', () => {
  for (const sent of [undefined, [], ['']]) expect(refusal(sent)?.message).toMatch(/^is required/);
});

it('the fingerprint is of the meaning: two forms of one order share it, another quantity does not', () => {
  const a = { item_id: 'ps5', quantity: 1 };
  const b = { item_id: 'xbox', quantity: 2 };
  expect(fingerprintOf({ items: [a, b] })).toBe(fingerprintOf({ items: [b, a] }));
  expect(fingerprintOf({ items: [a, b] })).not.toBe(fingerprintOf({ items: [a, { ...b, quantity: 3 }] }));
});

it('another total or another token is another order, and an order without them has the fingerprint it always had', () => {
  const items = [{ item_id: 'ps5', quantity: 1 }];
  const meanings = [
    { items },
    { items, expectedTotalCents: 1 },
    { items, expectedTotalCents: 2 },
    { items, paymentToken: 'tok_ok' },
    { items, paymentToken: 'tok_declined' },
    { items, paymentToken: 'tok_ok', expectedTotalCents: 1 },
  ];
  expect(new Set(meanings.map(fingerprintOf)).size).toBe(meanings.length);
  expect(fingerprintOf({ items })).toBe(hash('sha256', 'ps5:1', 'base64url'));
});

it('the fingerprint of a paid order is the same in every version: another one would refuse the retry of an older order', () => {
  const paid = { items: [{ item_id: 'ps5', quantity: 1 }], expectedTotalCents: 99, paymentToken: 'tok_ok' };
  expect(fingerprintOf(paid)).toBe(hash('sha256', 'ps5:1\ntotal 99\ntoken tok_ok', 'base64url'));
});
