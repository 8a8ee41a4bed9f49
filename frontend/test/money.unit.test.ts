import { describe, expect, it } from 'vitest';
import { formatMoney, formatMovement } from '../src/browser/format.ts';

describe('money in words', () => {
  it('has its currency, and a dash while it is not known', () => {
    expect(formatMoney(129_999, 'EUR')).toBe('1,299.99 EUR');
    expect(formatMoney(0, 'EUR')).toBe('0.00 EUR');
    expect(formatMoney(null, null)).toBe('–');
  });

  it('moves with one sign', () => {
    expect(formatMovement(1_999, 'EUR')).toBe('+19.99 EUR');
    expect(formatMovement(-1_999, 'EUR')).toBe('−19.99 EUR');
  });
});
