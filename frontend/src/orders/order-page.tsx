'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { decisionAnswer, isSettled, ledgerPage, type Order, orderEvents } from '@valerix/contracts';
import Link from 'next/link';
import { useEffect } from 'react';
import { formatChange, formatCount, formatPreciseTime, formatTime } from '../browser/format.ts';
import { fetchJson, isNotFound } from '../browser/http.ts';
import { useLastError } from '../browser/last-error.ts';
import { CopyText, Empty, Fact, Failure, Loading, PageHead } from '../ui/parts.tsx';
import { OrderStatusBadge, Status, type Tone } from '../ui/status.tsx';
import { CancelOrder } from './cancel-order.tsx';
import { GivenAnswer } from './given-answer.tsx';
import { reasonWord } from './orders-page.tsx';
import { Timeline } from './timeline.tsx';
import { useOrder } from './use-order.ts';

/** Everything known about one order: from the order service, and from the warehouse's own books. */
export function OrderPage({ id }: { id: string }) {
  const query = useOrder(id);
  const order = query.data?.order;
  const moving = order === undefined || !isSettled(order.status);
  useReadAgain(order);
  return (
    <>
      <PageHead title="Order">
        {order ? <OrderStatusBadge dead={order.dead_lettered_at !== null} status={order.status} /> : null}
        {order ? <CancelOrder order={order} /> : null}
      </PageHead>
      {query.isPending ? <Loading label="Loading the order" rows={5} /> : null}
      {query.isError ? <Problem error={query.error} retry={() => void query.refetch()} /> : null}
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

function Problem({ error, retry }: { error: Error; retry: () => void }) {
  if (isNotFound(error)) {
    return (
      <Empty>
        There is no such order.{' '}
        <Link className="link" href="/orders">
          All orders
        </Link>
      </Empty>
    );
  }
  return <Failure error={error} retry={retry} what="The order" />;
}

function Summary({ order, message }: { order: Order; message: string }) {
  return (
    <section aria-label="Summary" className="card">
      <h2>{message}</h2>
      <dl className="mt-1">
        <Fact name="id">
          <CopyText label="the order id" text={order.order_id} />
        </Fact>
        <Fact name="key">
          <CopyText label="the idempotency key" text={order.idempotency_key} />
        </Fact>
        <Fact name="items">{order.items.map((one) => `${one.quantity} × ${one.item_id}`).join(', ')}</Fact>
        {order.reason ? <Fact name="refused because">{reasonWord(order.reason)}</Fact> : null}
        <Fact name="placed">{formatTime(order.created_at)}</Fact>
        <Fact name="last change">{formatTime(order.updated_at)}</Fact>
        <Fact name="background tries">{formatCount(order.attempts)}</Fact>
        {order.next_attempt_at && !isSettled(order.status) ? (
          <Fact name="next try">{formatTime(order.next_attempt_at)}</Fact>
        ) : null}
      </dl>
    </section>
  );
}

function TimelineCard({ id, moving }: { id: string; moving: boolean }) {
  const query = useQuery({
    queryKey: ['order-events', id],
    queryFn: ({ signal }) => fetchJson(orderEvents, 'GET', `/api/orders/${id}/events`, { signal }),
    refetchInterval: moving ? 1_000 : 15_000,
  });
  const events = useLastError(query);
  return (
    <section aria-label="Timeline" className="card">
      <h2 className="mb-2">What happened</h2>
      {events.isPending ? <Loading label="Loading the timeline" /> : null}
      {events.isError ? <Failure error={events.error} retry={() => void events.refetch()} what="The timeline" /> : null}
      {events.data ? <Timeline events={events.data.items} /> : null}
    </section>
  );
}

const OUTCOMES: Record<'applied' | 'refused' | 'voided', { tone: Tone; text: string }> = {
  applied: { tone: 'ok', text: 'The stock was deducted for this order.' },
  refused: { tone: 'bad', text: 'The stock was short. Nothing was deducted.' },
  voided: { tone: 'unknown', text: 'The cancellation came first. A deduction that comes later is refused.' },
};

function WarehouseCard({ id, moving }: { id: string; moving: boolean }) {
  const refetchInterval = moving ? 1_000 : 15_000;
  const query = useQuery({
    queryKey: ['decision', id],
    queryFn: ({ signal }) => findDecision(id, signal),
    refetchInterval,
  });
  const decision = useLastError(query);
  const ledger = useQuery({
    queryKey: ['ledger', { order_id: id }],
    queryFn: ({ signal }) =>
      fetchJson(ledgerPage, 'GET', '/api/inventory/ledger', { signal, params: { order_id: id } }),
    refetchInterval,
  });
  return (
    <section aria-label="Warehouse" className="card">
      <h2 className="mb-1">What the warehouse decided</h2>
      {decision.isPending ? <Loading label="Loading the decision" rows={2} /> : null}
      {decision.isError ? (
        <Failure error={decision.error} retry={() => void decision.refetch()} what="The decision" />
      ) : null}
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
          <thead>
            <tr>
              <th scope="col">Ledger entry</th>
              <th scope="col">Item</th>
              <th className="text-right" scope="col">
                Units
              </th>
            </tr>
          </thead>
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
    </section>
  );
}

async function findDecision(id: string, signal: AbortSignal) {
  try {
    return (await fetchJson(decisionAnswer, 'GET', `/api/inventory/decisions/${id}`, { signal })).decision;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
