'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { decisionAnswer, isSettled, ledgerPage, type Order, orderEvents } from '@valerix/contracts';
import Link from 'next/link';
import { useEffect } from 'react';
import { formatChange, formatCount, formatPreciseTime, formatTime } from '../browser/format.ts';
import { fetchJson, orNull } from '../browser/http.ts';
import { useLastError, useRead } from '../browser/use-read.ts';
import { itemsInWords, OrderStatusBadge, REASONS } from '../ordering/order-parts.tsx';
import { useOrder } from '../ordering/use-order.ts';
import { Card } from '../ui/card.tsx';
import { CopyText, Fact, PageHead, QueryState, TableHead } from '../ui/parts.tsx';
import { Status, type Tone } from '../ui/status.tsx';
import { CancelOrder } from './cancel-order.tsx';
import { GivenAnswer } from './given-answer.tsx';
import { Timeline } from './timeline.tsx';

/** Everything known about one order: from the order service, and from the warehouse's own books. */
export function OrderPage({ id }: { id: string }) {
  const query = useOrder(id);
  const order = query.data?.order;
  const moving = order === undefined || !isSettled(order.status);
  useReadAgain(order);
  return (
    <>
      <PageHead title="Order">
        {order ? <OrderStatusBadge order={order} /> : null}
        {order ? <CancelOrder order={order} /> : null}
      </PageHead>
      <QueryState
        missing={
          <>
            There is no such order.{' '}
            <Link className="link" href="/orders">
              All orders
            </Link>
          </>
        }
        query={query}
        rows={5}
        what="The order"
      />
      {order ? (
        <div className="grid gap-3 lg:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)]">
          <div className="min-w-0 space-y-3">
            <TimelineCard id={id} moving={moving} />
            <GivenAnswer order={order} />
          </div>
          <div className="min-w-0 space-y-3">
            <Summary message={query.data?.message ?? ''} order={order} />
            <WarehouseCard id={id} moving={moving} />
          </div>
        </div>
      ) : null}
    </>
  );
}

/** At each change of the order, what else is shown of it is read again: after the last one it is read seldom. */
function useReadAgain(order: Order | undefined): void {
  const client = useQueryClient();
  const id = order?.order_id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another status or time, another change
  useEffect(() => {
    if (id === undefined) return;
    for (const queryKey of [
      ['order-events', id],
      ['decision', id],
      ['ledger', { order_id: id }],
    ]) {
      void client.invalidateQueries({ queryKey });
    }
  }, [client, id, order?.status, order?.updated_at]);
}

function Summary({ order, message }: { order: Order; message: string }) {
  return (
    <Card label="Summary" title={message}>
      <dl>
        <Fact name="id">
          <CopyText label="the order id" text={order.order_id} />
        </Fact>
        <Fact name="key">
          <CopyText label="the idempotency key" text={order.idempotency_key} />
        </Fact>
        <Fact name="items">{itemsInWords(order)}</Fact>
        {order.reason ? <Fact name="refused because">{REASONS[order.reason]}</Fact> : null}
        <Fact name="placed">{formatTime(order.created_at)}</Fact>
        <Fact name="last change">{formatTime(order.updated_at)}</Fact>
        <Fact name="background tries">{formatCount(order.attempts)}</Fact>
        {order.next_attempt_at && !isSettled(order.status) ? (
          <Fact name="next try">{formatTime(order.next_attempt_at)}</Fact>
        ) : null}
      </dl>
    </Card>
  );
}

const everyWhile = (moving: boolean) => (moving ? 1_000 : 15_000);

function TimelineCard({ id, moving }: { id: string; moving: boolean }) {
  const every = everyWhile(moving);
  const events = useRead(['order-events', id], orderEvents, `/api/orders/${id}/events`, { every });
  return (
    <Card label="Timeline" title="What happened">
      <QueryState query={events} what="The timeline" />
      {events.data ? <Timeline events={events.data.items} /> : null}
    </Card>
  );
}

const OUTCOMES: Record<'applied' | 'refused' | 'voided', { tone: Tone; text: string }> = {
  applied: { tone: 'ok', text: 'The stock was deducted for this order.' },
  refused: { tone: 'bad', text: 'The stock was short. Nothing was deducted.' },
  voided: { tone: 'unknown', text: 'The cancellation came first. A deduction that comes later is refused.' },
};

function WarehouseCard({ id, moving }: { id: string; moving: boolean }) {
  const every = everyWhile(moving);
  const decision = useLastError(
    useQuery({
      queryKey: ['decision', id],
      queryFn: ({ signal }) => orNull(fetchJson(decisionAnswer, 'GET', `/api/inventory/decisions/${id}`, { signal })),
      select: (answer) => answer?.decision ?? null,
      refetchInterval: every,
    }),
  );
  const params = { order_id: id };
  const ledger = useRead(['ledger', params], ledgerPage, '/api/inventory/ledger', { params, every });
  return (
    <Card label="Warehouse" title="What the warehouse decided">
      <QueryState query={decision} rows={2} what="The decision" />
      {decision.data === null ? (
        <p className="text-muted">The warehouse has decided nothing about this order.</p>
      ) : null}
      {decision.data ? (
        <>
          <p className="flex flex-wrap items-center gap-2">
            <Status tone={OUTCOMES[decision.data.outcome].tone}>{decision.data.outcome}</Status>
            <span>{OUTCOMES[decision.data.outcome].text}</span>
          </p>
          <p className="text-muted">
            Decided once and for all at {formatPreciseTime(decision.data.decided_at)}.
            {decision.data.released_at ? ` Given back at ${formatPreciseTime(decision.data.released_at)}.` : ''}
          </p>
        </>
      ) : null}
      {ledger.data && ledger.data.items.length > 0 ? (
        <table className="table mt-2">
          <caption className="sr-only">Entries of the stock ledger for this order</caption>
          <TableHead columns={['Ledger entry', 'Item', '>Units']} />
          <tbody>
            {ledger.data.items.map((entry) => (
              <tr key={entry.position}>
                <td>{entry.transaction_type}</td>
                <td>{entry.item_id}</td>
                <td className="text-right">{formatChange(entry.quantity_change)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </Card>
  );
}
