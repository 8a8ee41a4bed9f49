import { describe, expect, it } from 'vitest';
import { formatMoney, formatMovement } from '../src/browser/format.ts';
import { totalOf } from '../src/shop/basket.ts';

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

  it('is added up in one currency only, and not while a price is unknown', () => {
    const items: Record<string, { price_cents: number; currency: string }> = {
      ps5: { price_cents: 49_999, currency: 'EUR' },
      xbox: { price_cents: 100, currency: 'EUR' },
      stamp: { price_cents: 5, currency: 'CHF' },
    };
    const total = (...ids: string[]) =>
      totalOf(
        ids.map((item_id) => ({ item_id, quantity: 2 })),
        (id) => items[id],
      );
    expect(total('ps5', 'xbox')).toBe('1,001.98 EUR');
    expect([total('ps5', 'stamp'), total('ps5', 'gone')]).toEqual(['–', '–']);
  });
});
