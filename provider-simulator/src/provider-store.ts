import { COMMIT_HORIZON } from '@valerix/service-kit/commit-horizon';
import { literal, type Pool, transaction } from '@valerix/service-kit/postgres';
import type { Charge, ChargeStatus } from './charge.ts';

/** A charge that is asked for. */
export interface NewCharge extends Charge {
  source: string;
  /** ISO timestamp; null if it does not succeed by itself later. */
  succeeds_at: string | null;
  /** ISO timestamp. */
  tells_at: string;
}

export interface Webhook {
  id: string;
  reference: string;
  body: string;
  deliveries: number;
  /** ISO timestamp. */
  due_at: string;
}

interface BookRow {
  position: string | null;
  type: 'charge' | 'refund';
  reference: string;
  amount: number;
  currency: string;
  created_at: Date;
  tx: string;
  seq: number;
  settled_to: string;
  held_back: boolean;
}

export interface BooksQuery {
  after?: string | undefined;
  reference?: string | undefined;
  limit: number;
}

export type ProviderStore = ReturnType<typeof createProviderStore>;

const CHARGE = 'reference, amount, currency, status, failure_code';

/** All SQL of charges, books and webhooks. */
export function createProviderStore(pool: Pool) {
  const find = async (references: readonly string[]): Promise<Charge[]> => {
    const { rows } = await pool.query<Charge>(`SELECT ${CHARGE} FROM charges WHERE reference = ANY($1::text[])`, [
      references,
    ]);
    return rows;
  };

  return {
    /** Books charges, each reference once. @returns what stands under each reference, in the order of the charges */
    async charge(charges: readonly NewCharge[], webhooks: readonly Webhook[]): Promise<Charge[]> {
      const byReference = charges.toSorted((a, b) => (a.reference < b.reference ? -1 : 1));
      const { rows } = await pool.query<Charge>({
        name: 'charge',
        text: `WITH made AS (
            INSERT INTO charges (${CHARGE}, source, succeeds_at, tells_at)
            SELECT ${CHARGE}, source, succeeds_at, tells_at FROM json_populate_recordset(NULL::charges, $1)
            ON CONFLICT DO NOTHING RETURNING ${CHARGE}
          ), booked AS (
            INSERT INTO books (type, reference, amount, currency)
            SELECT 'charge', reference, amount, currency FROM made WHERE status = 'succeeded'
          ), told AS (
            INSERT INTO webhooks (id, reference, body, deliveries, due_at)
            SELECT id, reference, body, deliveries, due_at FROM json_populate_recordset(NULL::webhooks, $2)
            WHERE reference IN (SELECT reference FROM made)
          )
          SELECT * FROM made`,
        values: [JSON.stringify(byReference), JSON.stringify(webhooks)],
      });
      const stands = new Map(rows.map((row) => [row.reference, row]));
      const known = charges.map(({ reference }) => reference).filter((reference) => !stands.has(reference));
      // A new statement: the INSERT that met the conflict cannot see the row that caused it.
      for (const row of known.length > 0 ? await find(known) : []) stands.set(row.reference, row);
      return charges.map(({ reference }) => stands.get(reference) as Charge);
    },

    /**
     * Gives back what was taken under a reference; without a charge, none can be made under it any more.
     * @param webhookOf makes the webhook that tells of it, if one is to be sent
     */
    refund: (reference: string, webhookOf: (charge: Charge) => Webhook | undefined): Promise<Charge> =>
      transaction(pool, async (client) => {
        await client.query(
          `INSERT INTO charges (reference, amount, currency, source, status) VALUES ($1, 0, '', '', 'canceled')
           ON CONFLICT DO NOTHING`,
          [reference],
        );
        const { rows } = await client.query<Charge>(`SELECT ${CHARGE} FROM charges WHERE reference = $1 FOR UPDATE`, [
          reference,
        ]);
        const charge = rows[0] as Charge;
        const next: Partial<Record<ChargeStatus, ChargeStatus>> = { succeeded: 'refunded', processing: 'canceled' };
        const status = next[charge.status];
        if (!status) return charge;
        await client.query('UPDATE charges SET status = $2 WHERE reference = $1', [reference, status]);
        if (status === 'refunded') {
          await client.query(`INSERT INTO books (type, reference, amount, currency) VALUES ('refund', $1, $2, $3)`, [
            reference,
            charge.amount,
            charge.currency,
          ]);
        }
        const changed = { ...charge, status };
        const webhook = webhookOf(changed);
        if (webhook) await insertWebhooks(client, [webhook]);
        return changed;
      }),

    /** What may be told of a charge when it is asked for. */
    async find(reference: string): Promise<Charge | undefined> {
      const { rows } = await pool.query<Charge>(
        `SELECT reference, amount, currency, failure_code,
           CASE WHEN status = 'succeeded' AND tells_at > now() THEN 'processing' ELSE status END AS status
         FROM charges WHERE reference = $1`,
        [reference],
      );
      return rows[0];
    },

    /** Lets the charges succeed whose time has come. */
    succeedLate: (webhookOf: (charge: Charge) => Webhook | undefined): Promise<void> =>
      transaction(pool, async (client) => {
        const { rows } = await client.query<Charge>(
          `WITH due AS (
             SELECT reference FROM charges WHERE status = 'processing' AND succeeds_at <= now()
             ORDER BY succeeds_at LIMIT 256 FOR UPDATE SKIP LOCKED
           ), changed AS (
             UPDATE charges SET status = 'succeeded' WHERE reference IN (SELECT reference FROM due)
             RETURNING ${CHARGE}
           ), booked AS (
             INSERT INTO books (type, reference, amount, currency)
             SELECT 'charge', reference, amount, currency FROM changed
           )
           SELECT * FROM changed`,
        );
        const webhooks = rows.flatMap((charge) => webhookOf(charge) ?? []);
        if (webhooks.length > 0) await insertWebhooks(client, webhooks);
      }),

    /** Claims webhooks that are due, for `leaseMs`. */
    async claimWebhooks(limit: number, leaseMs: number): Promise<Webhook[]> {
      const { rows } = await pool.query<Webhook>(
        `UPDATE webhooks SET attempts = attempts + 1,
           due_at = now() + ($2 + 200 * power(2, least(attempts, 7))) * interval '1 ms'
         WHERE id IN (SELECT id FROM webhooks WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
         RETURNING id, reference, body, deliveries, due_at`,
        [limit, leaseMs],
      );
      return rows;
    },

    /** Counts deliveries: each webhook is sent again after a while, or was told. */
    async delivered(webhooks: readonly Webhook[], againAt: Date): Promise<void> {
      await pool.query(
        `WITH gone AS (DELETE FROM webhooks WHERE id = ANY($1::uuid[]) AND deliveries <= 1), told AS (
           UPDATE charges SET tells_at = now() WHERE reference = ANY($2::text[]) AND tells_at > now())
         UPDATE webhooks SET deliveries = deliveries - 1, due_at = $3 WHERE id = ANY($1::uuid[]) AND deliveries > 1`,
        [webhooks.map(({ id }) => id), webhooks.map(({ reference }) => reference), againAt],
      );
    },

    /** A page of the books, in commit order, or the entries of one reference as soon as they are committed. */
    async readBooks({ after, reference, limit }: BooksQuery) {
      const [tx = '0', seq = '0'] = (after ?? '0.0').split('.').map(literal);
      const { rows } = await pool.query<BookRow>(
        `WITH horizon AS MATERIALIZED (SELECT * FROM ${COMMIT_HORIZON} AS horizon)
         SELECT settled || '.0' AS settled_to, held AS held_back, page.*
         FROM horizon LEFT JOIN (
           SELECT tx || '.' || seq AS position, type, reference, amount, currency, created_at, tx, seq FROM books
           WHERE (tx, seq) > (${tx}::xid8, ${seq}::bigint)
             AND ${reference === undefined ? 'tx < (SELECT settled FROM horizon)' : 'reference = $1'}
           ORDER BY ${reference === undefined ? '' : 'reference, '}tx, seq LIMIT ${limit}
         ) AS page ON true
         ORDER BY page.tx, page.seq`,
        reference === undefined ? [] : [reference],
      );
      const items = rows.flatMap(({ settled_to: _to, held_back: _held, tx: _tx, seq: _seq, ...entry }) =>
        entry.position === null
          ? []
          : [{ ...entry, position: entry.position, created_at: entry.created_at.toISOString() }],
      );
      const { settled_to, held_back } = rows[0] as BookRow;
      return { items, next_cursor: items.at(-1)?.position ?? null, settled_to, held_back };
    },
  };
}

type Queries = Pick<Pool, 'query'>;

async function insertWebhooks(client: Queries, webhooks: readonly Webhook[]): Promise<void> {
  await client.query(
    `INSERT INTO webhooks (id, reference, body, deliveries, due_at)
     SELECT id, reference, body, deliveries, due_at FROM json_populate_recordset(NULL::webhooks, $1)`,
    [JSON.stringify(webhooks)],
  );
}
