import type { InventoryItem, LedgerEntry } from '@valerix/contracts';
import { createLogger } from '@valerix/service-kit/logger';
import { Gauge } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type Auditor, createAuditor } from '../src/integrity/audit-integrity.ts';
import type { CheckpointStore } from '../src/integrity/checkpoint-store.ts';
import type { IntegrityStore } from '../src/integrity/integrity-store.ts';
import type { LedgerClient } from '../src/integrity/ledger-client.ts';
import type { StreamPage } from '../src/integrity/stream-side.ts';

const UNPRICED = { paid: false, currency: null, total_cents: null };
const ON_ACCOUNT = { paid: false, currency: null, total_cents: 0 };

let auditor: Auditor | undefined;
afterEach(async () => {
  await auditor?.stop();
  vi.restoreAllMocks();
});
const gauge = new Gauge({ name: 'violations', help: 'none', labelNames: ['invariant'], registers: [] });
/** Each violation that is found is logged as an error, once. */
const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });

/** The memory of the only replica, which audits for the first time. */
const aloneAndNew: CheckpointStore = {
  look: async () => ({ published: null, ageMs: 0, isFree: true }),
  take: async () => null,
  readToMs: async () => 0,
  save: async () => true,
};
const page = (items: InventoryItem[], next_cursor: string | null = null) => ({ items, next_cursor });
const itemOf = (item_id: string, quantity: number): InventoryItem => {
  return {
    item_id,
    item_name: item_id,
    price_cents: 1,
    currency: 'EUR',
    quantity,
    reserved_quantity: 0,
    taken_quantity: 0,
    updated_at: created_at,
  };
};
const pageOf = <T>(items: T[]): StreamPage<T> => ({ items, settledTo: undefined, heldBack: false });

/** An auditor of a ledger the test writes; no order has any event, unless the test says so. */
function audit(ledger: Partial<LedgerClient>, store: Partial<IntegrityStore> = {}): Auditor {
  auditor = createAuditor({
    store: { eventsAfter: async () => pageOf([]), findAll: async () => [], goneBefore: async () => '', ...store },
    ledger: { after: async () => pageOf([]), ofOrders: async () => [], stock: async () => page([]), ...ledger },
    memory: aloneAndNew,
    metrics: { integrityViolations: gauge },
    logger,
    intervalMs: 1,
    graceMs: 0,
    patienceMs: 8_000,
    now: () => new Date(),
  });
  auditor.start();
  return auditor;
}

const created_at = new Date(Date.now() - 3_600_000).toISOString();

/** A ledger that grows as entries are pushed. */
function ledgerOf(...entries: LedgerEntry[]) {
  const after: LedgerClient['after'] = async (position, limit) => {
    const read = Number(position.split('.')[1]);
    const page = entries.slice(read, read + limit);
    return pageOf(page.map((entry, index) => ({ ...entry, position: `1.${read + index + 1}` })));
  };
  const ofOrders: LedgerClient['ofOrders'] = async (ids) =>
    entries.filter(({ order_id }) => order_id !== null && ids.includes(order_id));
  return { entries, after, ofOrders };
}

function entry(
  transaction_type: LedgerEntry['transaction_type'],
  quantity_change: number,
  order_id: string | null = null,
): LedgerEntry {
  return { position: '', transaction_type, item_id: 'ps5', quantity_change, order_id, restock_id: null, created_at };
}

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

describe('more broken orders than are listed', () => {
  /** Stock taken for as many orders that do not exist. */
  function breakOrders(count: number) {
    const ids = Array.from({ length: count }, () => uuidv7());
    const { entries, ...ledger } = ledgerOf(...ids.map((id) => entry('deduct', -1, id)));
    /** What is repaired is looked up again every ten seconds: they pass at once. */
    const repair = (repaired: readonly string[]) => {
      entries.push(...repaired.map((id) => entry('release', 1, id)));
      vi.setSystemTime(Date.now() + 11_000);
    };
    return { ids, ledger, repair };
  }
  const listed = (state: Auditor['state']): string[] => state().violations.map(({ subject }) => subject);

  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('should never say ok before the last of them is repaired', async () => {
    const { ids, ledger, repair } = breakOrders(250);
    const verdicts = new Set<string>();
    const { state } = audit({
      ...ledger,
      after: (position, limit) => {
        if (ids.length > 0) verdicts.add(state().verdict);
        return ledger.after(position, limit);
      },
    });
    while (ids.length > 0) {
      const known = await eventually(() => {
        const subjects = listed(state);
        expect(subjects).toHaveLength(Math.min(ids.length, 100));
        return subjects;
      });
      ids.splice(0, ids.length, ...ids.filter((id) => !known.includes(id)));
      repair(known);
      if (ids.length > 0) await eventually(() => expect(listed(state)).not.toContain(known[0]));
    }
    expect(verdicts).not.toContain('ok');
    await eventually(() => expect(state()).toMatchObject({ verdict: 'ok', violations: [] }));
  });

  it('should neither end the alert nor look blind for years while it reads the history again', async () => {
    const { ids, ledger, repair } = breakOrders(250);
    const [set, error] = [vi.spyOn(gauge, 'set'), vi.spyOn(logger, 'error')];
    const lags: number[] = [];
    const { state, lagSeconds } = audit({
      ...ledger,
      after: (position, limit) => {
        lags.push(lagSeconds());
        return ledger.after(position, limit);
      },
    });
    await eventually(() => expect(error).toHaveBeenCalledWith({ listed: 100 }, 'more is broken than is listed'));
    const first = listed(state);
    const others = ids.filter((id) => !first.includes(id));
    set.mockClear();
    repair(first);
    await eventually(() => expect(listed(state).filter((id) => others.includes(id))).toHaveLength(100));
    const calls = set.mock.calls as unknown as [labels: { invariant: string }, count: number][];
    expect(calls.filter(([{ invariant }, count]) => invariant === 'I5' && count < 100)).toEqual([]);
    expect(Math.max(...lags)).toBeLessThan(2 * 3_600);

    repair(others);
    await eventually(() => expect(state().verdict).toBe('ok'));
    const { values } = await gauge.get();
    expect(values.every(({ value }) => value === 0)).toBe(true);
  });

  it('should notice the repair of any order it lists', async () => {
    const { ledger, repair } = breakOrders(100);
    const { state } = audit(ledger);
    const last = await eventually(() => {
      const subjects = listed(state);
      expect(subjects).toHaveLength(100);
      return subjects.at(-1) as string;
    });
    repair([last]);
    await eventually(() => expect(listed(state)).not.toContain(last));
    expect(listed(state)).toHaveLength(99);
  });
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
