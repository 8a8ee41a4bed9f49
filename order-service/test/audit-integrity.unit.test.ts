import type { InventoryItem, LedgerEntry } from '@valerix/contracts';
import { v7 as uuidv7 } from 'uuid';
import { expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { audit, created_at, entry, itemOf, ledgerOf, logger, page, pageOf } from './ledger-auditor.ts';

const UNPRICED = { paid: false, currency: null, total_cents: null };
const ON_ACCOUNT = { paid: false, currency: null, total_cents: 0 };

// I13. A ledger in which nothing belongs to an order, such as after the order database was restored to an older state.
it('should read no further while more orders are doubtful than it can look up', async () => {
  const event = {
    position: '1.1',
    type: 'order.created',
    order_id: uuidv7(),
    at: Date.now(),
    lines: 'ps5:1',
    ...UNPRICED,
  };
  let read = 0;
  let lookedUp = 0;
  const { state } = audit(
    {
      after: async (_position, limit) =>
        pageOf(Array.from({ length: limit }, () => ({ ...entry('deduct', -1, uuidv7()), position: `1.${++read}` }))),
      ofOrders: async (ids) => {
        lookedUp += ids.length;
        return [];
      },
    },
    { eventsAfter: async (position) => pageOf(position === '0.0' ? [event] : []) },
  );
  await eventually(() => expect(lookedUp).toBeGreaterThan(2_000));
  expect(read).toBeLessThan(20_000);
  expect(state()).toMatchObject({ verdict: 'unknown', detail: 'the audit is catching up with the history' });
});

// The ledger of an inventory service that is sold out ends long before the events do.
it('should find a broken order however many that took no stock came after it', async () => {
  const [broken, ...refused] = Array.from({ length: 25_000 }, () => uuidv7()) as [string, ...string[]];
  const told = [['confirmed', broken] as const, ...refused.map((id) => ['failed', id] as const)];
  const events = told.flatMap(([end, order_id], index) => {
    const about = { order_id, at: Date.parse(created_at) + 10 + index };
    return [
      { ...about, type: 'order.created', lines: 'ps5:2', ...UNPRICED },
      { ...about, type: `order.${end}`, lines: null, ...UNPRICED },
    ];
  });
  const { state } = audit(ledgerOf(entry('deduct', -1, broken)), {
    eventsAfter: async (position, limit) => {
      const read = Number(position.split('.')[1]);
      const page = events.slice(read, read + limit);
      return pageOf(page.map((event, index) => ({ ...event, position: `1.${read + index + 1}` })));
    },
    findAll: async (ids) =>
      ids.includes(broken)
        ? [{ order_id: broken, status: 'confirmed', lines: 'ps5:2', events: [], ...ON_ACCOUNT }]
        : [],
  });
  await eventually(() => expect(state().verdict).not.toBe('unknown'));
  expect(state().violations).toMatchObject([{ invariant: 'I5', subject: broken }]);
});

// A look that fails is none: the one before it was at an older state of the ledger.
it('should find nothing wrong with a restock that came while the stock could not be read', async () => {
  const error = vi.spyOn(logger, 'error');
  const { entries, ...ledger } = ledgerOf(entry('seed', 10));
  let looks = 0;
  const { state } = audit({
    ...ledger,
    stock: async () => {
      looks++;
      if (looks > 1 && looks < 5) throw new Error('the inventory service answered 503');
      if (looks > 1) return page([itemOf('ps5', 15)]);
      entries.push(entry('restock', 5));
      return page([itemOf('ps5', 10)]);
    },
  });
  await eventually(() => expect(looks).toBeGreaterThan(8));
  expect(state()).toMatchObject({ verdict: 'ok', violations: [] });
  expect(error).not.toHaveBeenCalled();
});

it('should find and withdraw what is wrong with any item of a catalogue of several pages', async () => {
  const items = ['a', 'b', 'c'].map((id) => itemOf(id, 0));
  let asked = 0;
  const { state } = audit({
    stock: async (cursor) => {
      asked++;
      const at = cursor === null ? 0 : items.findIndex(({ item_id }) => item_id === cursor) + 1;
      return page([items[at] as InventoryItem], at < 2 ? (items[at]?.item_id ?? null) : null);
    },
  });
  await eventually(() => expect(asked).toBeGreaterThan(7));
  expect(state()).toMatchObject({ verdict: 'ok', violations: [] });
  items[1] = itemOf('b', -1);
  items[2] = itemOf('c', -1);
  await eventually(() =>
    expect(
      state()
        .violations.map(({ subject }) => subject)
        .sort(),
    ).toEqual(['b', 'c']),
  );
  items[2] = itemOf('c', 0);
  await eventually(() => expect(state().violations).toMatchObject([{ invariant: 'I2', subject: 'b' }]));
});

it('should name a broken order also while the stock cannot be read', async () => {
  const stranger = uuidv7();
  const { state } = audit({
    ...ledgerOf(entry('deduct', -1, stranger)),
    stock: async () => {
      throw new Error('the inventory service answered 503');
    },
  });
  await eventually(() => expect(state().violations).toMatchObject([{ invariant: 'I5', subject: stranger }]));
});

// A round has up to ten pages and a thousand orders to ask for, and a slow inventory service takes its time for each.
it.each(['after', 'ofOrders'] as const)('should ask for nothing more (%s) once it is stopped', async (method) => {
  const { entries, ...ledger } = ledgerOf(...Array.from({ length: 1_000 }, () => entry('deduct', -1, uuidv7())));
  const answer = Promise.withResolvers<void>();
  let asked = 0;
  const wait = async <T>(result: T): Promise<T> => {
    asked++;
    await answer.promise;
    return result;
  };
  const slow = { after: () => wait(pageOf(entries)), ofOrders: () => wait(entries) };
  const { stop } = audit({ ...ledger, [method]: slow[method] });
  await eventually(() => expect(asked).toBe(1));
  const stopped = stop();
  answer.resolve();
  await stopped;
  expect(asked).toBe(1);
});

it('should say how long it has been blind, and log the begin and the end of it once each', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  let asked = 0;
  let away = true;
  const [warned, informed] = [vi.spyOn(logger, 'warn'), vi.spyOn(logger, 'info')];
  const ask = async <T>(answer: T): Promise<T> => {
    asked++;
    if (away) throw new Error('the inventory service is away');
    return answer;
  };
  const { lagSeconds } = audit({
    after: () => ask(pageOf<LedgerEntry>([])),
    ofOrders: () => ask([]),
    stock: () => ask(page([])),
  });
  try {
    vi.setSystemTime(Date.now() + 120_000);
    await eventually(() => expect(asked).toBeGreaterThan(3));
    expect(lagSeconds()).toBe(120);
    expect(warned).toHaveBeenCalledTimes(1);
    informed.mockClear();

    away = false;
    await eventually(() => expect(lagSeconds()).toBe(0));
    expect(informed).toHaveBeenCalledTimes(1);
    away = true;
    vi.setSystemTime(Date.now() + 70_000);
    await eventually(() => expect(warned).toHaveBeenCalledTimes(2));
    expect(lagSeconds()).toBe(70);
  } finally {
    vi.useRealTimers();
  }
});

it('should add what was dropped from the ledger to what is kept', async () => {
  const { after, ...ledger } = ledgerOf(entry('restock', 5));
  const opening = [{ item_id: 'ps5', brought_in: 10, taken: 3 }];
  let [looks, quantity] = [0, 12];
  const { state } = audit({
    ...ledger,
    after: async (position, limit) => ({ ...(await after(position, limit)), goneBefore: 'a', opening }),
    stock: async () => {
      looks++;
      return page([{ ...itemOf('ps5', quantity), taken_quantity: 3 }]);
    },
  });
  await eventually(() => expect(looks).toBeGreaterThan(8));
  expect(state()).toMatchObject({ verdict: 'ok', violations: [] });
  // Too few units are named at once. Too many, as without the opening balance, could be late for seconds.
  quantity--;
  const detail = '11 on hand and 3 reserved, but 15 were brought in';
  await eventually(() => expect(state().violations).toMatchObject([{ invariant: 'I1', subject: 'ps5', detail }]));
});

it('should begin again when entries are dropped while it reads the history', async () => {
  const { after, ...ledger } = ledgerOf(...Array.from({ length: 2_000 }, () => entry('restock', 1)));
  let begun = 0;
  const { state } = audit({
    ...ledger,
    // The first page says what is gone; before the second page, more goes.
    after: async (position, limit) => {
      if (position === '0.0') begun++;
      const goneBefore = begun === 1 && position !== '0.0' ? 'b' : String(begun);
      return { ...(await after(position, limit)), goneBefore, opening: [] };
    },
    stock: async () => page([itemOf('ps5', 2_000)]),
  });
  await eventually(() => expect(state()).toMatchObject({ verdict: 'ok', violations: [] }));
  expect(begun).toBe(2);
});
