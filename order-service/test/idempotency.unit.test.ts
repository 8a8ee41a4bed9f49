import type { ProblemError } from '@valerix/service-kit/problem';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprintOf, parseIdempotencyKey } from '../src/idempotency.ts';

const refusal = (sent: string[]) => {
  try {
    parseIdempotencyKey(sent);
  } catch (error) {
    return (error as ProblemError).errors?.[0];
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
    expect(refusal(sent)?.field, String(sent)).toBe('Idempotency-Key');
  }
  expect(parseIdempotencyKey(['a'.repeat(255)])).toHaveLength(255);
});

it('the fingerprint is of the meaning: two forms of one order share it, another quantity does not', () => {
  const a = { item_id: 'ps5', quantity: 1 };
  const b = { item_id: 'xbox', quantity: 2 };
  expect(fingerprintOf([a, b])).toBe(fingerprintOf([b, a]));
  expect(fingerprintOf([a, b])).not.toBe(fingerprintOf([a, { ...b, quantity: 3 }]));
});
