'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  Decision,
  decisionAnswer,
  ledgerPage,
  Order,
  OrderEvent,
  orderEvents,
  paymentAnswer,
} from '@valerix/contracts';
import { isSettled } from '@valerix/contracts/plain';
import { useEffect } from 'react';
import { formatChange, formatMoney, formatPreciseTime, formatTime } from '../browser/format.ts';
import { useChaos, useSession } from '../browser/hooks.ts';
import { type AnswerOf, fetchJson, orNull } from '../browser/http.ts';
import { useLastError, useRead } from '../browser/use-read.ts';
import { useTitle } from '../browser/use-title.ts';
import { faultSentence } from '../chaos/fault-sentence.ts';
import { itemsInWords, OrderStatusBadge } from '../ordering/order-parts.tsx';
import { ORDER_STATUS } from '../ordering/order-status.ts';
import { REASONS } from '../ordering/reasons.ts';
import { useOrder } from '../ordering/use-order.ts';
import { Card } from '../ui/card.tsx';
import { TextLink } from '../ui/controls.tsx';
import { CopyText, EmptyWith, Fact, PageHead, QueryState } from '../ui/parts.tsx';
import { Status, type Tone } from '../ui/status.tsx';
import { Table } from '../ui/table.tsx';
import { Term } from '../ui/term.tsx';
import { CancelOrder } from './cancel-order.tsx';
import { RequeueOne } from './dead-letters.tsx';
import { GivenAnswer } from './given-answer.tsx';
import { hitBy, storyOf } from './order-story.ts';
import { Timeline } from './timeline.tsx';

/** One order, from the order service and from the inventory service's own ledger. */
export function OrderPage({ id }: { id: string }) {
  const query = useOrder(id);
  const { order, message } = query.data ?? {};
  const { operator } = useSession();
  useTitle(order ? `${ORDER_STATUS[order.status].look.word}: ${itemsInWords(order)}` : null);
  const every = order === undefined || !isSettled(order.status) ? 1_000 : 15_000;
  useReadAgain(order);
  const missing = <EmptyWith href="/orders" link="All orders" text="There is no such order." />;
  return (
    <>
      <PageHead lead={order ? message : undefined} title={order ? `Order of ${itemsInWords(order)}` : 'Order'}>
        {order ? <OrderStatusBadge order={order} /> : null}
        {order && order.dead_lettered_at !== null && operator ? <RequeueOne id={id} /> : null}
        {order ? <CancelOrder order={order} /> : null}
      </PageHead>
      <QueryState missing={missing} query={query} rows={5} what="The order" />
      {order ? (
        <div className="grid gap-3 lg:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)]">
          <div className="min-w-0 space-y-3">
            <History every={every} order={order} />
            {order.idempotency_key === null || isPaid(order) ? null : (
              <GivenAnswer orderKey={order.idempotency_key} order={order} />
            )}
          </div>
          <div className="min-w-0 space-y-3">
            <Summary order={order} />
            <DecisionCard every={every} id={id} />
            {isPaid(order) && operator ? <MoneyCard every={every} id={id} /> : null}
          </div>
        </div>
      ) : null}
    </>
  );
}

/** Reloads an order's cards at each of its changes, because the cards of a settled order are polled seldom. */
function useReadAgain(order: Order | undefined): void {
  const client = useQueryClient();
  const id = order?.order_id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new status or time is a change
  useEffect(() => {
    if (id === undefined) return;
    void client.invalidateQueries({ queryKey: ['order-events', id] });
    void client.invalidateQueries({ queryKey: ['decision', id] });
    void client.invalidateQueries({ queryKey: ['ledger', { order_id: id }] });
  }, [client, id, order?.status, order?.updated_at]);
}

function Summary({ order }: { order: Order }) {
  return (
    <Card title="Summary">
      <dl>
        <Fact name="id">
          <CopyText label="the order id" text={order.order_id} />
        </Fact>
        {order.idempotency_key === null || isPaid(order) ? null : (
          <Fact name={<Term word="idempotency key">key</Term>}>
            <CopyText label="the idempotency key" text={order.idempotency_key} />
          </Fact>
        )}
        <Fact name="items">{itemsInWords(order)}</Fact>
        {order.total_cents === null ? null : <Fact name="total">{formatMoney(order.total_cents, order.currency)}</Fact>}
        <Fact name="paid">{isPaid(order) ? 'by card' : 'on account'}</Fact>
        {order.reason ? <Fact name="refused because">{REASONS[order.reason]}</Fact> : null}
        <Fact name="placed">{formatTime(order.created_at)}</Fact>
        <Fact name="last change">{formatTime(order.updated_at)}</Fact>
      </dl>
    </Card>
  );
}

/** `every`: the polling interval in milliseconds. */
type CardProps = Readonly<{ id: string; every: number }>;

function History({ order, every }: { order: Order; every: number }) {
  const { order_id: id } = order;
  const events = useRead<AnswerOf<typeof orderEvents>>(['order-events', id], `/api/orders/${id}/events`, { every });
  const { items } = events.data ?? {};
  return (
    <>
      {items ? (
        <Card edge={ORDER_STATUS[order.status].look.tone} title="Why">
          {storyOf(order, items).map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          <Causes events={items} orderKey={order.idempotency_key} />
        </Card>
      ) : null}
      <Card label="Timeline" title="Timeline">
        <QueryState query={events} what="The timeline" />
        {items ? <Timeline events={items} isPaid={isPaid(order)} /> : null}
      </Card>
    </>
  );
}

/** Links to what may have hit the order: its faults that are still armed, and the game day that placed it. */
function Causes({ events, orderKey }: { events: readonly OrderEvent[]; orderKey: string | null }) {
  const armed = useChaos().fresh?.faults ?? [];
  const hit = hitBy(events, armed);
  return (
    <>
      {hit.map((fault) => (
        <p key={fault.id}>
          Still armed: <TextLink href="/chaos" text={faultSentence(fault)} />
        </p>
      ))}
      {orderKey?.startsWith('gameday-') ? (
        <p>
          Its key is one of a game day: <TextLink href="/gamedays" text="game days" />.
        </p>
      ) : null}
    </>
  );
}

/** A paid order has a time until which it must be settled. Its answer cannot be replayed from here: the card's token is not shown. */
const isPaid = ({ payment_deadline }: Order): boolean => payment_deadline !== null;

const MONEY: Record<Decision['outcome'], { tone: Tone; text: string }> = {
  applied: { tone: 'ok', text: 'The money was taken for this order.' },
  refused: { tone: 'bad', text: 'The provider declined. No money was taken.' },
  voided: { tone: 'unknown', text: 'The payment was undone first. A later charge is refused.' },
};

/** What became of the money, by the payment service's own books. */
function MoneyCard({ id, every }: CardProps) {
  const query = useRead<AnswerOf<typeof paymentAnswer>>(['payment', id], `/api/payments/${id}`, { every });
  const payment = query.data?.payment;
  const none = <p className="text-muted">The payment service has not been asked about this order.</p>;
  const look = payment?.outcome == null ? null : MONEY[payment.outcome];
  const isBack = payment?.outcome === 'applied' && payment.refunded_at !== null;
  return (
    <Card aside={<TextLink href="/payments" text="All payments" />} label="Money" title="The payment">
      <QueryState missing={none} query={query} rows={2} what="The payment" />
      {payment ? (
        <>
          <p className="flex flex-wrap items-center gap-2">
            {look === null ? <Status icon="wait" tone="warn" word="unknown" /> : null}
            {look && payment.outcome ? (
              <Status
                tone={isBack ? 'unknown' : look.tone}
                word={isBack ? 'charged, then refunded' : payment.outcome}
              />
            ) : null}
            <span>{look?.text ?? 'The provider has not said yet what became of the charge.'}</span>
          </p>
          <dl>
            <Fact name="amount">{formatMoney(payment.amount_cents, payment.currency)}</Fact>
            {payment.charged_at ? <Fact name="charged">{formatPreciseTime(payment.charged_at)}</Fact> : null}
            {payment.refunded_at ? <Fact name="refunded">{formatPreciseTime(payment.refunded_at)}</Fact> : null}
            {payment.waits_for ? <Fact name="waits for">the provider to confirm the {payment.waits_for}</Fact> : null}
          </dl>
        </>
      ) : null}
    </Card>
  );
}

const OUTCOMES: Record<Decision['outcome'], { tone: Tone; text: string }> = {
  applied: { tone: 'ok', text: 'The stock was deducted for this order.' },
  refused: { tone: 'bad', text: 'There was not enough stock. Nothing was deducted.' },
  voided: { tone: 'unknown', text: 'The cancellation came first. A later deduction is refused.' },
};

function DecisionCard({ id, every }: CardProps) {
  const read = useQuery({
    queryKey: ['decision', id],
    queryFn: ({ signal }) =>
      orNull(fetchJson<AnswerOf<typeof decisionAnswer>>('GET', `/api/decisions/${id}`, { signal })),
    select: (answer) => answer?.decision ?? null,
    refetchInterval: every,
  });
  const query = useLastError(read);
  const decision = query.data;
  const params = { order_id: id };
  const entries =
    useRead<AnswerOf<typeof ledgerPage>>(['ledger', params], '/api/inventory/ledger', { params, every }).data?.items ??
    [];
  return (
    <Card
      label="Decision"
      title={
        <>
          The inventory service's <Term word="decision">decision</Term>
        </>
      }
    >
      <QueryState query={query} rows={2} what="The decision" />
      {decision === null ? <p className="text-muted">The inventory service has not decided about this order.</p> : null}
      {decision ? (
        <>
          <DecisionWords decision={decision} />
          <p className="text-muted">
            Decided at {formatPreciseTime(decision.decided_at)}; a decision never changes.
            {decision.released_at ? ` Released at ${formatPreciseTime(decision.released_at)}.` : ''}
          </p>
        </>
      ) : null}
      <Table
        caption="Entries of the stock ledger for this order"
        className="mt-2"
        columns={[
          ['Ledger entry', (entry) => entry.transaction_type],
          ['Item', (entry) => entry.item_id],
          ['Units', (entry) => formatChange(entry.quantity_change), 'text-right'],
        ]}
        keyOf={(entry) => entry.position}
        rows={entries}
      />
    </Card>
  );
}

/** A decision stands for ever; what it took is no longer held once it was released. */
export function DecisionWords({ decision: { outcome, released_at } }: { decision: Decision }) {
  const { tone, text } = OUTCOMES[outcome];
  const isReleased = outcome === 'applied' && released_at !== null;
  return (
    <p className="flex flex-wrap items-center gap-2">
      <Status
        icon={isReleased ? 'minus' : undefined}
        tone={isReleased ? 'unknown' : tone}
        word={isReleased ? 'applied, then released' : outcome}
      />
      <span>{isReleased ? 'The stock was deducted, and given back.' : text}</span>
    </p>
  );
}
