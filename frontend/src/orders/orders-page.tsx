'use client';

import { ORDER_STATUSES, type Order, type OrderStatus } from '@valerix/contracts';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { formatTime } from '../browser/format.ts';
import { itemsInWords, OrderLink, OrderStatusBadge, REASONS } from '../ordering/order-parts.tsx';
import { ORDER_STATUS } from '../ordering/order-status.ts';
import { Empty, PageHead, QueryState, TableHead } from '../ui/parts.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { readSearch, writeSearch } from './search.ts';
import { useOrders } from './use-orders.ts';

/** The page before each page that was reached by "Older". Cursors lead one way only; elsewhere "Newer" starts over. */
const newerOf = new Map<string, string | null>();

export function OrdersPage() {
  const params = useSearchParams();
  const router = useRouter();
  const search = readSearch(params);
  const orders = useOrders(search);
  const items = orders.data?.items ?? [];
  const filtered = search.status !== null || search.text !== '';
  const goOlder = () => {
    const cursor = orders.data?.next_cursor ?? null;
    if (cursor !== null) newerOf.set(cursor, search.cursor);
    router.push(writeSearch({ ...search, cursor }));
  };
  return (
    <>
      <PageHead lead="Newest first. Open one to see everything that happened to it." title="Orders" />
      <DeadLetters />
      <div className="card">
        <Filters />
        <QueryState query={orders} rows={8} what="Orders" />
        {orders.isSuccess && items.length === 0 ? (
          <Empty>
            {filtered ? 'No order fits this search.' : 'No order was placed yet. '}
            {filtered ? null : (
              <Link className="link" href="/shop">
                Place the first
              </Link>
            )}
          </Empty>
        ) : null}
        {items.length === 0 ? null : <OrderTable orders={items} />}
        <div className="mt-3 flex items-center justify-between gap-2">
          <button
            className="button button-small"
            disabled={search.cursor === null}
            onClick={() => router.push(writeSearch({ ...search, cursor: newerOf.get(search.cursor ?? '') ?? null }))}
            type="button"
          >
            Newer
          </button>
          <button className="button button-small" disabled={!orders.data?.next_cursor} onClick={goOlder} type="button">
            Older
          </button>
        </div>
      </div>
    </>
  );
}

function Filters() {
  const router = useRouter();
  const search = readSearch(useSearchParams());
  const [text, setText] = useState(search.text);
  const [searched, setSearched] = useState(search.text);
  // Another address, by the back button or a link: the field shows what is searched for, and keeps the focus.
  if (search.text !== searched) {
    setSearched(search.text);
    setText(search.text);
  }
  const go = (event: FormEvent) => {
    event.preventDefault();
    router.push(writeSearch({ ...search, text, cursor: null }));
  };
  const choose = (status: OrderStatus | null) => router.push(writeSearch({ ...search, status, cursor: null }));
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <search className="min-w-[16rem] flex-1">
        <form className="flex gap-2" onSubmit={go}>
          <input
            aria-label="Order id or idempotency key"
            className="field"
            data-search
            maxLength={255}
            onChange={(event) => setText(event.target.value)}
            placeholder="Order id or idempotency key"
            type="search"
            value={text}
          />
          <button className="button" type="submit">
            Search
          </button>
        </form>
      </search>
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">Status</legend>
        <Choice active={search.status === null} choose={() => choose(null)} label="all" />
        {ORDER_STATUSES.map((status) => (
          <Choice
            active={search.status === status}
            choose={() => choose(status)}
            key={status}
            label={ORDER_STATUS[status].look.word}
          />
        ))}
      </fieldset>
    </div>
  );
}

function Choice({ label, active, choose }: { label: string; active: boolean; choose: () => void }) {
  return (
    <button
      aria-pressed={active}
      className={`button button-small ${active ? 'button-main' : ''}`}
      onClick={choose}
      type="button"
    >
      {label}
    </button>
  );
}

function OrderTable({ orders }: { orders: readonly Order[] }) {
  return (
    <table className="table table-stacked">
      <TableHead columns={['Order', 'Status', 'Items', 'Background tries', 'Placed', 'Key']} />
      <tbody>
        {orders.map((order) => (
          <tr className="hover:bg-raised" key={order.order_id}>
            <td>
              <OrderLink id={order.order_id} />
            </td>
            <td>
              <OrderStatusBadge order={order} />
              {order.reason ? <span className="ml-2 text-muted">{REASONS[order.reason]}</span> : null}
            </td>
            <td>{itemsInWords(order)}</td>
            <td className="wide-only">
              {order.attempts === 0 ? <span className="text-muted">none</span> : order.attempts}
            </td>
            <td className="text-muted">
              <time dateTime={order.created_at}>{formatTime(order.created_at)}</time>
            </td>
            <td className="wide-only max-w-[16rem] truncate font-mono text-[0.92rem] text-muted">
              {order.idempotency_key}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
