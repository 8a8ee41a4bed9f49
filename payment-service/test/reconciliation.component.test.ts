import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, post } from '../../test/support/http.ts';
import {
  AMOUNT,
  charge,
  decisionOf,
  operator,
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
  house = await startPaymentService(provider.url);
});
afterAll(async () => {
  await house.stop();
  await provider.stop();
});

const verdict = async () => (await house.reconciliation()).verdict;
const bookAtProvider = (type: 'charge' | 'refund', reference: string, amount = AMOUNT.amount_cents) =>
  provider.rows("INSERT INTO books (type, reference, amount, currency) VALUES ($1, $2, $3, 'EUR')", [
    type,
    reference,
    amount,
  ]);
const chargeAtProvider = async (reference: string) => {
  await provider.rows(
    `INSERT INTO charges (reference, amount, currency, source, status) VALUES ($1, $2, 'EUR', 'tok_ok', 'succeeded')`,
    [reference, AMOUNT.amount_cents],
  );
  await bookAtProvider('charge', reference);
};
const unbook = (reference: string) => provider.rows('DELETE FROM books WHERE reference = $1', [reference]);
const differences = async () =>
  (await house.reconciliation()).differences.map(({ order_id }: { order_id: string }) => order_id);

it('says ok once ledger and books were compared to their end, and stays so while money moves', async () => {
  await eventually(async () => expect(await verdict()).toBe('ok'));
  const orders = Array.from({ length: 10 }, () => charge());
  await house.commands([...orders, charge(randomUUID(), 'tok_declined')]);
  await house.commands(orders.slice(5).map(({ order_id }) => refund(order_id)));
  await eventually(async () => expect((await house.reconcile()).entries_compared).toBe(30));
  expect(await verdict()).toBe('ok');
});

it('reports a second charge in the books, with its story, until it is gone', async () => {
  const order = charge();
  await house.commands([order]);
  await bookAtProvider('charge', order.order_id);
  await eventually(async () => expect(await verdict()).toBe('violated'));
  const { differences: found } = await house.reconciliation();
  expect(found).toEqual([
    {
      order_id: order.order_id,
      found_at: expect.any(String),
      story:
        "The ledger has charge of 49999 EUR; the provider's books have charge of 49999 EUR and charge of 49999 EUR.",
    },
  ]);
  const { text } = await ask(`${house.url}/metrics`);
  expect(text).toContain('valerix_integrity_violations{invariant="I14"} 1');
  await provider.rows('DELETE FROM books WHERE reference = $1 AND seq = (SELECT max(seq) FROM books)', [
    order.order_id,
  ]);
  await eventually(async () => expect(await verdict()).toBe('ok'));
});

it('reports a charge of another amount, and a charge that no order of ours asked for', async () => {
  // A path would read this reference otherwise.
  const [other, strange] = [charge(), '100%-of-another-shop?'];
  await house.commands([other]);
  await unbook(other.order_id);
  await bookAtProvider('charge', other.order_id, 1);
  await bookAtProvider('charge', strange);
  await eventually(async () => expect((await differences()).sort()).toEqual([other.order_id, strange].sort()));
  for (const reference of [other.order_id, strange]) await unbook(reference);
  await bookAtProvider('charge', other.order_id);
  await eventually(async () => expect(await verdict()).toBe('ok'));
});

it('books what the provider did by itself: money that was given back there by hand', async () => {
  const order = charge();
  await house.commands([order]);
  await provider.rows("UPDATE charges SET status = 'refunded' WHERE reference = $1", [order.order_id]);
  await bookAtProvider('refund', order.order_id);
  await eventually(async () => expect(await house.ledger(order.order_id)).toHaveLength(2));
  expect(await verdict()).toBe('ok');
});

it('gives back a charge that the provider made after the tombstone', async () => {
  const order = charge();
  await house.commands([refund(order.order_id)]);
  // A provider without a memory for references that were never charged.
  await provider.rows('DELETE FROM charges WHERE reference = $1', [order.order_id]);
  await chargeAtProvider(order.order_id);
  await eventually(async () => expect(await house.ledger(order.order_id)).toHaveLength(2), 10_000);
  expect(await house.payment(order.order_id)).toMatchObject({ outcome: 'voided', refunded_at: expect.any(String) });
  const books = await provider.rows('SELECT type FROM books WHERE reference = $1 ORDER BY seq', [order.order_id]);
  expect(books).toEqual([{ type: 'charge' }, { type: 'refund' }]);
  expect((await house.payment(order.order_id)).amount_cents).toBe(AMOUNT.amount_cents);
  await eventually(async () => expect(await house.reconcile()).toMatchObject({ verdict: 'ok', differences: [] }));
});

it('a charge that a restore forgot is adopted by an operator, with a reason in the audit', async () => {
  const { order_id } = charge();
  const adopt = (reason?: string) => post(`${house.url}/api/payments/${order_id}/adopt`, { reason }, operator.headers);
  const refusal = async () => (await adopt('restored')).body.code;
  expect(await refusal()).toBe('NOTHING_TO_ADOPT');
  await chargeAtProvider(order_id);
  await eventually(async () => expect(await differences()).toEqual([order_id]));
  expect((await adopt()).status).toBe(400);
  expect((await adopt('restored')).body.payment).toMatchObject({ outcome: 'applied', ...AMOUNT, waits_for: null });
  await eventually(async () => expect(await house.reconcile()).toMatchObject({ verdict: 'ok', differences: [] }));
  const audited = await house.rows(
    "SELECT who, what->>'order_id' AS id, why FROM operator_audit WHERE action = 'adopt'",
  );
  expect(audited).toEqual([{ who: 'operator', id: order_id, why: 'restored' }]);
  expect(await refusal()).toBe('PAYMENT_KNOWN');
  await house.commands([refund(order_id)]);
  expect(await house.ledger(order_id)).toHaveLength(2);
});

it('the refund of a charge that a restore forgot is answered when the provider has given the money back', async () => {
  const { order_id } = charge();
  await chargeAtProvider(order_id);
  // On a busy machine the provider's answer may come too late for the first attempt.
  const decision = await eventually(async () => decisionOf(await house.commands([refund(order_id)])));
  expect(decision).toMatchObject({ outcome: 'voided', refunded_at: expect.any(String) });
  expect((await house.ledger(order_id)).map(({ transaction_type }) => transaction_type)).toEqual(['charge', 'refund']);
  await eventually(async () => expect(await house.reconcile()).toMatchObject({ verdict: 'ok', differences: [] }));
});

it('one replica compares; when it dies, another goes on from its checkpoint', async () => {
  const replica = await house.startReplica();
  await eventually(async () => expect(await verdict()).toBe('ok'));
  await house.service.kill('SIGKILL');
  const order = charge();
  await house.commands([order], replica.url);
  await bookAtProvider('charge', order.order_id);
  await eventually(async () => {
    const { body } = await ask(`${replica.url}/api/payments/reconciliation`, operator);
    expect(body).toMatchObject({ verdict: 'violated' });
    // Not compared from the beginning again.
    expect(body.entries_compared).toBeLessThan(60);
  }, 20_000);
});
