import { randomUUID } from 'node:crypto';
import { divide, dropPeriod, inTurn, readPeriods, readRetained } from '@valerix/service-kit/retention/period-store';
import { boundAfter, FAR } from '@valerix/service-kit/retention/periods';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { freshPool } from '../../test/support/fresh-pool.ts';
import { post } from '../../test/support/http.ts';
import { asCaller } from '../../test/support/service-process.ts';
import { dropHistory } from '../src/drop-history-store.ts';
import {
  charge,
  decisionOf,
  errorOf,
  type PaymentHarness,
  type ProviderHarness,
  refund,
  startPaymentService,
  startProvider,
} from './payment-harness.ts';

let provider: ProviderHarness;
let house: PaymentHarness;
beforeAll(async () => {
  provider = await startProvider();
  house = await startPaymentService(provider.url, { RETENTION: '4s' });
});
afterAll(async () => {
  await house.stop();
  await provider.stop();
});

const kept = async (orderId: string) =>
  (await house.rows('SELECT FROM payments WHERE order_id = $1', [orderId])).length +
  (await house.rows('SELECT FROM payment_transactions WHERE order_id = $1', [orderId])).length;
const forget = (before: string) =>
  post(`${house.url}/api/payments/forget`, { orders_before: before }, asCaller('ORDER_TO_PAYMENT_CREDENTIAL'));
/** The smallest id of ten seconds from now: every order so far is older. */
const soon = () => `${v7({ msecs: Date.now() + 10_000 }).slice(0, 13)}-0000-0000-000000000000`;

it('drops what the order service has dropped, in both tables, and still agrees with the books', async () => {
  const orders = Array.from({ length: 5 }, () => charge(v7()));
  await house.commands(orders);
  await house.commands([refund(orders[0]?.order_id as string)]);
  const [first] = orders;
  await eventually(async () => expect((await house.reconciliation()).verdict).toBe('ok'));
  expect(await kept(first?.order_id as string)).toBe(3);

  await eventually(async () => {
    expect((await forget(soon())).status).toBe(200);
    expect(await kept(first?.order_id as string)).toBe(0);
  }, 25_000);
  expect((await provider.rows('SELECT FROM books')).length).toBe(6);

  // The comparison from its beginning leaves out what is gone here.
  await house.rows('DELETE FROM reconciliation');
  await eventually(async () => expect((await house.reconcile()).verdict).toBe('ok'));
  // A late command about an order that is gone decides nothing, and no money moves.
  expect(errorOf(await house.commands([charge(first?.order_id)]))).toMatchObject({
    status: 410,
    code: 'ORDER_FORGOTTEN',
  });
  expect(decisionOf(await house.commands([charge(v7())]))).toMatchObject({ outcome: 'applied' });
  expect((await provider.rows('SELECT FROM books WHERE reference = $1', [first?.order_id])).length).toBe(2);
});

it('is told so by the order service alone', async () => {
  expect((await post(`${house.url}/api/payments/forget`, { orders_before: soon() })).status).toBe(401);
  expect(await kept(randomUUID())).toBe(0);
});

it('under the lock of a drop, does not read all payments of a period to see that none is open', async () => {
  const { pool, drop } = await freshPool('payment_template', 2);
  onTestFinished(drop);
  await pool.query(`INSERT INTO payments (order_id, outcome, created_at, decided_at)
    SELECT uuidv7(), 'applied', now(), now() FROM generate_series(1, 1000)`);
  const { tables, close } = dropHistory(() => 'ok');
  const scans: { seq: number; idx: number }[] = [];
  await inTurn(pool, async (client) => {
    await divide(client, tables, undefined, boundAfter(Date.now(), 60_000));
    const [period] = await readPeriods(client, tables);
    if (!period) throw new Error('the tables are not divided');
    const seal = await close(period, client, { ...(await readRetained(client)), mayGoBefore: FAR });
    // Of this session, since it last reported them.
    const counted = `SELECT seq_scan::int AS seq, idx_scan::int AS idx FROM pg_stat_xact_user_tables WHERE relname = 'payments_before'`;
    await dropPeriod(client, tables, period, async (locked) => {
      scans.push(...(await locked.query(counted)).rows);
      await seal(locked);
      scans.push(...(await locked.query(counted)).rows);
    });
  });
  const [before, after] = scans;
  if (!before || !after) throw new Error('nothing was counted');
  expect([after.seq - before.seq, after.idx - before.idx]).toEqual([0, 1]);
});
