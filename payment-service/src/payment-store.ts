import { retrying } from '@valerix/service-kit/backoff';
import { createBatcher } from '@valerix/service-kit/batcher';
import {
  type Client,
  isRetryable,
  isRowError,
  isUniqueViolation,
  type Pool,
  transaction,
} from '@valerix/service-kit/postgres';
import { createRecentOrders } from '@valerix/service-kit/recent-orders';
import {
  decidePayment,
  type Payment,
  type PaymentMovement,
  type PaymentOrder,
  type ProviderState,
  settlePayment,
} from './decide-payment.ts';

export type PaymentStore = ReturnType<typeof createPaymentStore>;

/** What the provider says of an order's payment. */
export interface Told {
  order_id: string;
  told: ProviderState;
  /** The payment as it was when the provider was asked; undefined if the provider spoke by itself. */
  seen?: Payment | undefined;
}

export interface Decided {
  payment: Payment;
  /** True if a charge was begun just now, so that the provider cannot have heard of it. */
  isNew: boolean;
}

/** A command as it arrives: 1, the default, is its first attempt. */
type Arrived = PaymentOrder & { attempt?: number };

export interface PaymentStoreOptions {
  pool: Pool;
  /** The time by the database's clock. */
  now: () => Date;
  /** How long the worker leaves a payment to the request that opened it, milliseconds. */
  leaseMs: number;
  /** The most changes in one statement, and the most that may wait for one (I13). */
  maxBatch: number;
  maxWaiting: number;
  /** Returns a hook to run inside the transaction, after the writes and before COMMIT, or undefined. */
  beforeCommit?: () => ((orderIds: string[]) => Promise<void>) | undefined;
}

/** One change of one payment: a command, or a word of the provider. */
interface Item {
  order_id: string;
  /** The payment as it is believed to be: null for none, undefined if it must be read. */
  seen: Payment | null | undefined;
  change(prior: Payment | undefined, at: string): Pick<Changed, 'payment' | 'movements'>;
}

interface Changed {
  payment: Payment | undefined;
  /** Entries for the ledger. */
  movements: readonly PaymentMovement[];
  isNew: boolean;
}

/** All SQL that changes payments and their ledger. Changes that are ready at the same time share a statement, whatever they are. */
export function createPaymentStore({ pool, now, leaseMs, beforeCommit, ...limits }: PaymentStoreOptions) {
  /** Payments as this process saw them last; another replica may have changed them since. */
  const recent = createRecentOrders<Payment>();
  const changes = createBatcher<Item, Changed>({
    ...limits,
    isItemError: isRowError,
    async run(items) {
      const results = (beforeCommit?.() ? undefined : await changeUnlocked(items)) ?? (await changeLocked(items));
      for (const { payment } of results) if (payment) recent.keep(payment);
      return results;
    },
  });

  /**
   * Changes payments in one statement, by what was seen of them. The table's key and the statement's own check reject it if one is not as
   * it was seen. Undefined in that case.
   */
  async function changeUnlocked(items: readonly Item[]): Promise<Changed[] | undefined> {
    const before = new Map(items.flatMap(({ order_id, seen }) => (seen ? [[order_id, seen] as const] : [])));
    const unseen = items.filter(({ seen }) => seen === undefined).map(({ order_id }) => order_id);
    for (const payment of unseen.length > 0 ? await read(pool, unseen) : []) before.set(payment.order_id, payment);
    const { results, ...writes } = changed(items, before, now().toISOString());
    try {
      await write(pool, writes, leaseMs);
    } catch (error) {
      if (!isRowError(error) && !isRetryable(error)) throw error;
      return undefined;
    }
    return results;
  }

  /**
   * Changes payments under locks taken in the order of their ids, so that replicas cannot deadlock. Of two replicas that open the
   * same payment, the key makes one start over and read the other's.
   */
  function changeLocked(items: readonly Item[]): Promise<Changed[]> {
    const ids = items.map(({ order_id }) => order_id);
    return retrying(
      5,
      (error) => isUniqueViolation(error) || isRetryable(error),
      () =>
        transaction(pool, async (client) => {
          const before = new Map((await lock(client, ids)).map((payment) => [payment.order_id, payment]));
          const { results, ...writes } = changed(items, before, now().toISOString());
          await write(client, writes, leaseMs);
          await beforeCommit?.()?.(ids);
          return results;
        }),
    );
  }

  return {
    /** Decides a command, and resolves after the commit. A charge that is asked for the first time is taken to be new. */
    async decide(command: Arrived): Promise<Decided> {
      const { order_id, op, attempt = 1 } = command;
      const { payment, isNew } = await changes.submit({
        order_id,
        seen: op === 'charge' && attempt === 1 ? null : undefined,
        change: (prior, at) => ({ payment: decidePayment(command, prior, at), movements: [] }),
      });
      return { payment: payment as Payment, isNew };
    },

    /**
     * The payment, if it is remembered and the provider's word would change nothing about it. Then it changes nothing later either, so the
     * memory may be old: a webhook that reports what is booked needs no statement.
     */
    settledBy({ order_id, told }: Told): Payment | undefined {
      const known = recent.find(order_id);
      return known && settlePayment(known, told, '').payment === known ? known : undefined;
    },

    /** Books what the provider says. @returns the payment after it, and what was booked; no payment for an order without one */
    settle: ({ order_id, told, seen }: Told): Promise<Changed> =>
      changes.submit({
        order_id,
        seen,
        change: (prior, at) => (prior ? settlePayment(prior, told, at) : { payment: undefined, movements: [] }),
      }),

    /** Claims payments that wait for the provider and are due; each is due again after `leaseMs` and a rest that grows. */
    async claim(limit: number): Promise<Payment[]> {
      const { rows } = await pool.query<PaymentRow>({
        name: 'claim-payments',
        text: `UPDATE payments SET attempts = attempts + 1,
            next_attempt_at = now() + $2 * interval '1 ms' + power(2, least(attempts, 3)) * random() * interval '1 s'
          WHERE order_id IN (
            SELECT order_id FROM payments WHERE waits_for IS NOT NULL AND next_attempt_at <= now()
            ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
          RETURNING ${PAYMENT}`,
        values: [limit, leaseMs],
      });
      return rows.map(toPayment);
    },
  };
}

/** Changes payments in the order of the items. @param before the payments before it */
function changed(items: readonly Item[], before: ReadonlyMap<string, Payment>, at: string) {
  const known = new Map(before);
  const results = items.map(({ order_id, change }): Changed => {
    const prior = known.get(order_id);
    const { payment, movements } = change(prior, at);
    if (payment) known.set(order_id, payment);
    return { payment, movements, isNew: !prior };
  });
  const touched = [...known.values()].filter((payment) => before.get(payment.order_id) !== payment);
  const made = touched.filter(({ order_id }) => !before.has(order_id));
  const moved = touched.flatMap((payment) => {
    const was = before.get(payment.order_id);
    return was ? [{ ...payment, ...stateBefore(was) }] : [];
  });
  return { results, made, moved, movements: results.flatMap(({ movements }) => movements) };
}

/** What tells the states of a payment apart. */
const stateBefore = ({ outcome, waits_for, charged_at, refunded_at }: Payment) => ({
  was_outcome: outcome,
  was_waiting: waits_for,
  was_charged: charged_at !== null,
  was_refunded: refunded_at !== null,
});

export const PAYMENT = `order_id, outcome, reason, amount_cents, currency, token, waits_for, created_at, decided_at, charged_at,
  refunded_at`;
type Times = 'created_at' | 'decided_at' | 'charged_at' | 'refunded_at';
export type PaymentRow = Omit<Payment, Times> & { created_at: Date } & Record<
    Exclude<Times, 'created_at'>,
    Date | null
  >;

export const toPayment = (row: PaymentRow): Payment => ({
  ...row,
  created_at: row.created_at.toISOString(),
  decided_at: row.decided_at?.toISOString() ?? null,
  charged_at: row.charged_at?.toISOString() ?? null,
  refunded_at: row.refunded_at?.toISOString() ?? null,
});

const IN_PAYMENTS = `SELECT ${PAYMENT} FROM payments WHERE order_id = ANY($1::uuid[])`;

async function read(pool: Pool, orderIds: readonly string[]): Promise<Payment[]> {
  const { rows } = await pool.query<PaymentRow>({ name: 'read-payments', text: IN_PAYMENTS, values: [orderIds] });
  return rows.map(toPayment);
}

async function lock(client: Client, orderIds: readonly string[]): Promise<Payment[]> {
  const { rows } = await client.query<PaymentRow>({
    name: 'lock-payments',
    text: `${IN_PAYMENTS} ORDER BY order_id FOR UPDATE`,
    values: [orderIds],
  });
  return rows.map(toPayment);
}

type Writes = Omit<ReturnType<typeof changed>, 'results'>;

/**
 * Payments and ledger in one statement: one round trip for the whole batch.
 * @throws a row error if a payment is not in the state before
 */
export async function write(client: Pool | Client, { made, moved, movements }: Writes, leaseMs: number): Promise<void> {
  if (made.length + moved.length + movements.length === 0) return;
  const inOrder = <P extends Payment>(payments: readonly P[]) =>
    JSON.stringify(payments.toSorted((a, b) => (a.order_id < b.order_id ? -1 : 1)));
  await client.query({
    name: 'write-payments',
    text: `
      WITH made AS (
        INSERT INTO payments (${PAYMENT}, next_attempt_at, waits_since)
        SELECT ${PAYMENT}, ${dueIf('waits_for')}, CASE WHEN waits_for IS NOT NULL THEN now() END
        FROM json_populate_recordset(NULL::payments, $1)
      ), moved AS (
        UPDATE payments SET outcome = new.outcome, reason = new.reason, token = new.token, waits_for = new.waits_for,
          decided_at = new.decided_at, charged_at = new.charged_at, refunded_at = new.refunded_at, attempts = 0,
          amount_cents = new.amount_cents, currency = new.currency,
          next_attempt_at = ${dueIf('new.waits_for')},
          waits_since = CASE WHEN new.waits_for IS NULL THEN NULL
            WHEN new.waits_for IS DISTINCT FROM payments.waits_for THEN now() ELSE payments.waits_since END
        FROM json_to_recordset($2) AS new (order_id uuid, outcome text, reason text, amount_cents bigint, currency text, token text,
          waits_for text, decided_at timestamptz, charged_at timestamptz, refunded_at timestamptz, was_outcome text, was_waiting text,
          was_charged boolean, was_refunded boolean)
        WHERE payments.order_id = new.order_id
          AND payments.outcome IS NOT DISTINCT FROM new.was_outcome AND payments.waits_for IS NOT DISTINCT FROM new.was_waiting
          AND (payments.charged_at IS NOT NULL) = new.was_charged AND (payments.refunded_at IS NOT NULL) = new.was_refunded
        RETURNING 1
      ), booked AS (
        INSERT INTO payment_transactions (transaction_type, order_id, amount_change, currency)
        SELECT transaction_type, order_id, amount_change, currency
        FROM json_populate_recordset(NULL::payment_transactions, $3)
      )
      SELECT 1 / ((SELECT count(*) FROM moved) = $5)::int`,
    values: [inOrder(made), inOrder(moved), JSON.stringify(movements), leaseMs, moved.length],
  });
}

const dueIf = (waits: string) => `CASE WHEN ${waits} IS NOT NULL THEN now() + $4 * interval '1 ms' END`;
