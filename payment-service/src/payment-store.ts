import { retrying } from '@valerix/service-kit/backoff';
import {
  type Client,
  isRetryable,
  isRowError,
  isUniqueViolation,
  type Pool,
  transaction,
} from '@valerix/service-kit/postgres';
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
}

export interface Decided {
  payment: Payment;
  /** True if a charge was begun just now, so that the provider cannot have heard of it. */
  isNew: boolean;
}

export interface PaymentStoreOptions {
  pool: Pool;
  /** The time by the database's clock. */
  now: () => Date;
  /** How long the worker leaves a payment to the request that opened it, milliseconds. */
  leaseMs: number;
  /** Returns a hook to run inside the transaction, after the writes and before COMMIT, or undefined. */
  beforeCommit?: () => ((orderIds: string[]) => Promise<void>) | undefined;
}

/** All SQL that changes payments and their ledger. */
export function createPaymentStore({ pool, now, leaseMs, beforeCommit }: PaymentStoreOptions) {
  /**
   * The usual batch, charges of new orders, in one statement; the table's key rejects it if an order is known. Undefined in that
   * case, and for any other batch.
   */
  async function decideUnread(commands: readonly PaymentOrder[]): Promise<Decided[] | undefined> {
    const at = now().toISOString();
    const made = commands.map((command) => decidePayment(command, undefined, at));
    if (commands.some(({ op }) => op !== 'charge')) return undefined;
    try {
      await write(pool, { made, changed: [], movements: [] }, leaseMs);
    } catch (error) {
      if (!isRowError(error) && !isRetryable(error)) throw error;
      return undefined;
    }
    return made.map((payment) => ({ payment, isNew: true }));
  }

  const decideLocked = (commands: readonly PaymentOrder[]): Promise<Decided[]> =>
    changing(commands, (known, at) => (command) => {
      const prior = known.get(command.order_id);
      const payment = decidePayment(command, prior, at);
      return { payment, movements: [], result: { payment, isNew: !prior } };
    });

  /**
   * Changes payments under locks taken in the order of their ids, so that replicas cannot deadlock. Of two replicas that open the
   * same payment, the key makes one start over and read the other's.
   */
  function changing<I extends { order_id: string }, R>(
    items: readonly I[],
    changer: (known: ReadonlyMap<string, Payment>, at: string) => (item: I) => Change<R>,
  ): Promise<R[]> {
    const ids = items.map(({ order_id }) => order_id);
    return retrying(
      5,
      (error) => isUniqueViolation(error) || isRetryable(error),
      () =>
        transaction(pool, async (client) => {
          const before = await lock(client, ids);
          const known = new Map(before);
          const change = changer(known, now().toISOString());
          const movements: PaymentMovement[] = [];
          const results = items.map((item) => {
            const made = change(item);
            if (made.payment) known.set(item.order_id, made.payment);
            movements.push(...made.movements);
            return made.result;
          });
          const touched = [...known.values()].filter((payment) => before.get(payment.order_id) !== payment);
          const changed = touched.filter(({ order_id }) => before.has(order_id));
          const made = touched.filter(({ order_id }) => !before.has(order_id));
          await write(client, { made, changed, movements }, leaseMs);
          await beforeCommit?.()?.(ids);
          return results;
        }),
    );
  }

  return {
    /** Decides commands, and resolves after their commit. */
    async decideBatch(commands: readonly PaymentOrder[]): Promise<Decided[]> {
      const unread = beforeCommit?.() ? undefined : await decideUnread(commands);
      return unread ?? decideLocked(commands);
    },

    /**
     * Books what the provider says. @returns the payments after it, and what was booked; undefined for an order without a payment
     */
    settleBatch: (items: readonly Told[]) =>
      changing(items, (known, at) => ({ order_id, told }) => {
        const payment = known.get(order_id);
        if (!payment) return { movements: [], result: undefined };
        const settled = settlePayment(payment, told, at);
        return { ...settled, result: settled };
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

interface Change<R> {
  payment?: Payment;
  movements: PaymentMovement[];
  result: R;
}

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

async function lock(client: Client, orderIds: readonly string[]): Promise<Map<string, Payment>> {
  const { rows } = await client.query<PaymentRow>({
    name: 'lock-payments',
    text: `SELECT ${PAYMENT} FROM payments WHERE order_id = ANY($1::uuid[]) ORDER BY order_id FOR UPDATE`,
    values: [orderIds],
  });
  return new Map(rows.map((row) => [row.order_id, toPayment(row)]));
}

interface Writes {
  made: readonly Payment[];
  changed: readonly Payment[];
  movements: readonly PaymentMovement[];
}

/** Payments and ledger in one statement: one round trip for the whole batch. */
export async function write(
  client: Pool | Client,
  { made, changed, movements }: Writes,
  leaseMs: number,
): Promise<void> {
  if (made.length + changed.length + movements.length === 0) return;
  const byId = made.toSorted((a, b) => (a.order_id < b.order_id ? -1 : 1));
  await client.query({
    name: 'write-payments',
    text: `
      WITH made AS (
        INSERT INTO payments (${PAYMENT}, next_attempt_at, waits_since)
        SELECT ${PAYMENT}, ${dueIf('waits_for')}, CASE WHEN waits_for IS NOT NULL THEN now() END
        FROM json_populate_recordset(NULL::payments, $1)
      ), changed AS (
        UPDATE payments SET outcome = new.outcome, reason = new.reason, token = new.token, waits_for = new.waits_for,
          decided_at = new.decided_at, charged_at = new.charged_at, refunded_at = new.refunded_at, attempts = 0,
          amount_cents = new.amount_cents, currency = new.currency,
          next_attempt_at = ${dueIf('new.waits_for')},
          waits_since = CASE WHEN new.waits_for IS NULL THEN NULL
            WHEN new.waits_for IS DISTINCT FROM payments.waits_for THEN now() ELSE payments.waits_since END
        FROM (SELECT ${PAYMENT} FROM json_populate_recordset(NULL::payments, $2)) AS new
        WHERE payments.order_id = new.order_id
      )
      INSERT INTO payment_transactions (transaction_type, order_id, amount_change, currency)
      SELECT transaction_type, order_id, amount_change, currency
      FROM json_populate_recordset(NULL::payment_transactions, $3)`,
    values: [JSON.stringify(byId), JSON.stringify(changed), JSON.stringify(movements), leaseMs],
  });
}

const dueIf = (waits: string) => `CASE WHEN ${waits} IS NOT NULL THEN now() + $4 * interval '1 ms' END`;
