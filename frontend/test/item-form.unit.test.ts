import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrice } from '../src/browser/format.ts';
import { itemBody, itemErrors } from '../src/inventory/item-form.tsx';
import { redriveRequest } from '../src/orders/requeue-many.tsx';

describe('the form of an item', () => {
  it('reads a price as it is typed, to the cent', () => {
    fc.assert(fc.property(fc.nat(99_999_999), (cents) => parsePrice((cents / 100).toFixed(2)) === cents));
    expect(['20', '0.5', ' 19.99 '].map(parsePrice)).toEqual([2_000, 50, 1_999]);
    for (const text of ['', '1,50', '1.999', '-1', '1e3', '.5', 'free']) expect(parsePrice(text), text).toBeNaN();
  });

  it('says which text cannot be sent, in words for a person, and leaves the rest to the service', () => {
    expect(itemErrors({ item_id: ' ', item_name: ' ', price_cents: 'x', quantity: '' })).toEqual({
      item_id: 'must not be empty',
      item_name: 'must not be empty',
      price_cents: 'must be an amount such as 499.99',
      quantity: 'must be a whole number',
    });
    expect(itemErrors({ item_id: 'PS5', item_name: 'Drone', price_cents: '2000000' })).toEqual({});
  });

  it('sends what it was given, without spaces around it and without an empty reason', () => {
    expect(
      itemBody({ item_id: ' drone ', item_name: ' Drone ', price_cents: '5', quantity: '3', reason: ' ' }),
    ).toEqual({
      item_id: 'drone',
      item_name: 'Drone',
      price_cents: 500,
      quantity: 3,
    });
  });
});

it('conditions that are not chosen are not sent, and without any all dead letters are asked for', () => {
  expect(redriveRequest({ item: '', cause: '', age: '' })).toEqual({ all: true });
  expect(redriveRequest({ item: 'ps5', cause: '', age: '3600' })).toEqual({
    item_id: 'ps5',
    older_than_seconds: 3_600,
  });
});
