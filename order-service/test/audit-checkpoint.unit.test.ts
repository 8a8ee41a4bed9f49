import type { LedgerEntry } from '@valerix/contracts';
import { createLogger } from '@valerix/service-kit/logger';
import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { Audit, type Checkpoint, firstCheckpoint } from '../src/integrity/audit.ts';
import { NOTHING_YET } from '../src/integrity/audit-integrity.ts';
import type { AuditedEvent, IntegrityStore } from '../src/integrity/integrity-store.ts';
import type { LedgerClient } from '../src/integrity/ledger-client.ts';
import { PAGE } from '../src/integrity/stream-side.ts';

const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
afterEach(() => vi.useRealTimers());

type Step = 'create' | 'deduct' | 'confirm' | 'fail' | 'restock' | 'lose a unit';
const steps = fc.array(
  fc.record({
    order: fc.integer({ min: 0, max: 9 }),
    step: fc.constantFrom<Step>('create', 'deduct', 'confirm', 'fail', 'restock', 'lose a unit'),
  }),
  { maxLength: 40 },
);

/** Both sides in memory, in almost any state, sound or not. */
class Sides {
  readonly events: AuditedEvent[] = [];
  readonly entries: LedgerEntry[] = [];
  stock = 100;
  reserved = 0;

  constructor() {
    this.#append('seed', 100, null);
  }

  apply({ order, step }: { order: number; step: Step }): void {
    const id = `order ${order}`;
    // The statement that inserts the row tells it, so it is the first event of an order, and comes once.
    if (step === 'create' && !this.events.some(({ order_id }) => order_id === id)) this.#tell('order.created', id);
    if (step === 'confirm') this.#tell('order.confirmed', id);
    if (step === 'fail') this.#tell('order.failed', id);
    if (step === 'lose a unit') this.stock--;
    if (step === 'restock') {
      this.stock++;
      this.#append('restock', 1, null);
    }
    if (step === 'deduct') {
      this.stock--;
      this.reserved++;
      this.#append('deduct', -1, id);
    }
  }

  #tell(type: string, order_id: string): void {
    const lines = type === 'order.created' ? 'ps5:1' : null;
    const position = `1.${this.events.length + 1}`;
    this.events.push({
      position,
      type,
      order_id,
      at: Date.now(),
      lines,
      paid: false,
      currency: null,
      total_cents: null,
    });
  }

  #append(transaction_type: LedgerEntry['transaction_type'], quantity_change: number, order_id: string | null): void {
    const position = `1.${this.entries.length + 1}`;
    const created_at = new Date().toISOString();
    this.entries.push({
      position,
      transaction_type,
      item_id: 'ps5',
      quantity_change,
      order_id,
      restock_id: null,
      created_at,
    });
  }

  store: IntegrityStore = {
    eventsAfter: async (position, limit) => pageOf(this.events, position, limit),
    goneBefore: async () => '',
    findAll: async (ids) =>
      ids.flatMap((order_id) => {
        const events = this.events.filter((event) => event.order_id === order_id).map(({ type }) => type);
        const status = events.at(-1)?.replace('order.', '').replace('created', 'pending');
        return status
          ? [{ order_id, status, lines: 'ps5:1', events, paid: false, currency: null, total_cents: 0 }]
          : [];
      }),
  };

  ledger: LedgerClient = {
    after: async (position, limit) => pageOf(this.entries, position, limit),
    ofOrders: async (ids) => this.entries.filter(({ order_id }) => order_id !== null && ids.includes(order_id)),
    stock: async () => ({
      items: [
        {
          item_id: 'ps5',
          item_name: 'PlayStation 5',
          price_cents: 1,
          currency: 'EUR',
          quantity: this.stock,
          reserved_quantity: 0,
          taken_quantity: this.reserved,
          updated_at: new Date().toISOString(),
        },
      ],
      next_cursor: null,
    }),
  };
}

function pageOf<T>(all: readonly T[], position: string, limit: number) {
  const read = Number(position.split('.')[1]);
  return { items: all.slice(read, read + limit), settledTo: undefined, heldBack: false };
}

function auditOf({ store, ledger }: Pick<Sides, 'store' | 'ledger'>, checkpoint?: Checkpoint): Audit {
  const { signal } = new AbortController();
  const options = {
    store,
    ledger,
    logger,
    intervalMs: 1,
    graceMs: 500,
    patienceMs: 8_000,
    now: () => new Date(),
    signal,
  };
  // As PostgreSQL keeps it.
  const memory = checkpoint ? (JSON.parse(JSON.stringify(checkpoint)) as Checkpoint) : undefined;
  return new Audit(options, memory ?? firstCheckpoint(NOTHING_YET, Date.now()));
}

/** Lets time pass until everything is judged. */
async function verdictOf(audit: Audit) {
  for (let round = 0; round < 6; round++) {
    await audit.round();
    vi.setSystemTime(Date.now() + 5_000);
  }
  const { integrity, counts } = audit.published;
  const names = integrity.violations.map(({ invariant, subject }) => `${invariant} ${subject}`);
  return { verdict: integrity.verdict, names: names.sort(), counts };
}

it('an audit that goes on from its checkpoint comes to the verdict of one that reads everything', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 0, max: 40 }), async (history, cut) => {
      const sides = new Sides();
      let audit = auditOf(sides);
      for (const [index, step] of history.entries()) {
        sides.apply(step);
        vi.setSystemTime(Date.now() + 200);
        await audit.round();
        if (index === cut) audit = auditOf(sides, audit.checkpoint);
      }
      const restarted = await verdictOf(auditOf(sides, audit.checkpoint));
      expect(restarted).toEqual(await verdictOf(auditOf(sides)));
      expect(restarted.verdict).not.toBe('unknown');
    }),
    { numRuns: 100 },
  );
  // A hundred histories, each audited twice, on a machine that may be busy.
}, 60_000);

it('orders in doubt are looked up together: a thousand in ten requests', async () => {
  const sides = new Sides();
  const unjudged = Array.from({ length: 1_000 }, (_, order) => `order ${order}`);
  for (let order = 0; order < 1_000; order++) sides.apply({ order, step: 'create' });
  const asked = vi.spyOn(sides.ledger, 'ofOrders');
  await auditOf(sides, { ...firstCheckpoint(NOTHING_YET, 0), unjudged }).round();
  expect(asked).toHaveBeenCalledTimes(10);
  expect(asked.mock.calls.flatMap(([ids]) => ids)).toEqual(unjudged);
});

it('after each page of a history it rests longer than the page took, but a tenth of a second at most', async () => {
  const sides = new Sides();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
  for (let order = 0; order < 3 * PAGE; order++) sides.apply({ order, step: 'create' });
  vi.useRealTimers();
  const pages: { begun: number; ended: number }[] = [];
  const { eventsAfter } = sides.store;
  sides.store.eventsAfter = async (...asked) => {
    const begun = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const page = await eventsAfter(...asked);
    pages.push({ begun, ended: performance.now() });
    return page;
  };
  await auditOf(sides).round();
  expect(pages).toHaveLength(4);
  for (const [index, { begun, ended }] of pages.slice(0, 3).entries()) {
    // On a busy machine a page may take longer than the longest rest; a timer may fire a little early.
    expect((pages[index + 1]?.begun ?? 0) - ended).toBeGreaterThan(Math.min(ended - begun, 95));
  }
});

it('it starts over when a stream ends before its position: its database was replaced', async () => {
  const sides = new Sides();
  const { after } = sides.ledger;
  sides.ledger.after = async (position, limit) => ({ ...(await after(position, limit)), settledTo: '800.0' });
  const audit = auditOf(sides, {
    ...firstCheckpoint(NOTHING_YET, 0),
    streams: {
      events: { position: '0.0', readToMs: 0 },
      entries: { position: '900.7', readToMs: 0 },
      accounts: [{ item_id: 'ps5', brought_in: 500, taken: 0 }],
      checked: 9,
    },
    passed: true,
  });
  let thrown = 0;
  for (let round = 0; round < 20; round++) await audit.round().catch(() => void thrown++);
  expect(thrown).toBe(1);
  expect(audit.published.integrity).toMatchObject({ verdict: 'ok', violations: [], orders_checked: 0 });
});
