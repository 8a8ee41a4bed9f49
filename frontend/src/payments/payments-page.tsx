'use client';

import type { MoneyDifference, openPayments, Payment, Reconciliation } from '@valerix/contracts';
import { MAX_OPEN_PAYMENTS } from '@valerix/contracts/plain';
import { formatCount, formatMoney, formatSeconds } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import type { AnswerOf } from '../browser/http.ts';
import { useRead } from '../browser/use-read.ts';
import { useAction } from '../browser/use-task.ts';
import { OrderLink } from '../ordering/order-parts.tsx';
import { looksLikeId } from '../orders/search.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Outcome } from '../ui/forms.tsx';
import { Empty, Fact, PageHead, QueryState, Time } from '../ui/parts.tsx';
import { SignInNote } from '../ui/session-menu.tsx';
import { type Look, Status } from '../ui/status.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { LEDGER_KEY, PaymentLedger } from './payment-ledger.tsx';

const POLL_MS = 2_000;
const BOOKS_KEY = ['reconciliation'];
const OPEN_KEY = ['open-payments'];

/** Operators see what the provider has not confirmed, every movement of money, and whether the provider's books say the same. */
export function PaymentsPage() {
  const { operator } = useSession();
  return (
    <>
      <PageHead
        lead="The money of orders that were paid at once: what the provider has not confirmed, and what was charged and refunded."
        title="Payments"
      />
      <SignInNote what="see the payments" />
      {operator ? (
        <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)]">
          <div className="min-w-0 space-y-3">
            <OpenPayments />
            <PaymentLedger />
          </div>
          <div className="order-first min-w-0 xl:order-none">
            <ProvidersBooks />
          </div>
        </div>
      ) : null}
    </>
  );
}

function OpenPayments() {
  const open = useRead<AnswerOf<typeof openPayments>>(OPEN_KEY, '/api/payments/open', { every: POLL_MS });
  // Payments that were open before a failed read may have ended.
  const items = open.isSuccess ? open.data.items : [];
  return (
    <Card title="Open payments">
      <p className="text-muted">The provider has not confirmed these. The payment service goes on asking.</p>
      <QueryState query={open} rows={2} what="The open payments" />
      {open.isSuccess && items.length === 0 ? <Empty>No payment waits for the provider.</Empty> : null}
      <Table columns={OPEN_COLUMNS} keyOf={(payment) => payment.order_id} rows={items} stacked />
      {items.length < MAX_OPEN_PAYMENTS ? null : (
        <p className="mt-2 text-muted">These are the oldest {MAX_OPEN_PAYMENTS}; there may be more.</p>
      )}
    </Card>
  );
}

const OPEN_COLUMNS: ReadonlyArray<Column<Payment>> = [
  ['Order', ({ order_id }) => <OrderLink id={order_id} />],
  ['State', ({ waits_for }) => `${waits_for} not confirmed`],
  ['Amount', ({ amount_cents, currency }) => formatMoney(amount_cents, currency)],
  ['First asked', ({ created_at }) => <Time at={created_at} />, 'text-muted'],
];

const VERDICTS: Record<Reconciliation['verdict'], Look> = {
  ok: { tone: 'ok', word: 'equal' },
  violated: { tone: 'bad', word: 'different' },
  unknown: { tone: 'unknown', word: 'unknown' },
};

/** The ledger compared with the provider's books (I14), all the time, and at once when an operator asks. */
function ProvidersBooks() {
  const books = useRead<Reconciliation>(BOOKS_KEY, '/api/payments/reconciliation', { every: POLL_MS });
  const action = useAction(BOOKS_KEY, OPEN_KEY, LEDGER_KEY);
  // An old verdict must not look like the present one.
  const shown = books.isSuccess ? books.data : null;
  const reconcile = () =>
    action.send('POST', '/api/payments/reconcile', undefined, 'Asked now. The verdict above is the newest.');
  return (
    <Card
      aside={shown ? <Status {...VERDICTS[shown.verdict]} /> : null}
      className="space-y-2"
      edge={shown ? VERDICTS[shown.verdict].tone : 'unknown'}
      title="The provider's books"
    >
      <QueryState query={books} rows={3} what="The comparison with the provider's books" />
      {shown ? (
        <>
          <p>{shown.detail}</p>
          <dl>
            <Fact name="last comparison">
              {shown.checked_at === null ? 'none yet' : <Time at={shown.checked_at} />}
            </Fact>
            <Fact name="delay">{formatSeconds(shown.lag_seconds)}</Fact>
            <Fact name="entries compared">{formatCount(shown.entries_compared)}</Fact>
          </dl>
          <Table
            caption="Differences"
            columns={DIFFERENCE_COLUMNS}
            keyOf={(difference) => difference.order_id}
            rows={shown.differences}
            stacked
          />
        </>
      ) : null}
      <Button busy={action.busy} onClick={reconcile} once text={action.busy ? 'Reconciling' : 'Reconcile now'} />
      <Outcome action={action} />
    </Card>
  );
}

const DIFFERENCE_COLUMNS: ReadonlyArray<Column<MoneyDifference>> = [
  // A reference that only the provider knows need not be an order of ours.
  ['Order', ({ order_id: id }) => (looksLikeId(id) ? <OrderLink id={id} /> : <code className="break-all">{id}</code>)],
  ['Difference', ({ story }) => story],
  ['Found', ({ found_at }) => <Time at={found_at} />, 'text-muted'],
];
