'use client';

import { ORDER_STATUSES, type Order } from '@valerix/contracts';
import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { itemsInWords, OrderLink, OrderStatusBadge, REASONS } from '../ordering/order-parts.tsx';
import { ORDER_STATUS } from '../ordering/order-status.ts';
import { Button } from '../ui/controls.tsx';
import { Empty, EmptyWith, PageHead, QueryState, Time } from '../ui/parts.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { readSearch, writeSearch } from './search.ts';
import { useOrders } from './use-orders.ts';

/** The previous page of each page reached by "Older". Cursors lead one way; without an entry, "Newer" leads to the first page. */
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
      <PageHead lead="Newest first. Open an order to see its timeline." title="Orders" />
      <DeadLetters />
      <div className="card">
        <Filters />
        <QueryState query={orders} rows={8} what="Orders" />
        {orders.isSuccess && items.length === 0 && filtered ? <Empty>No order matches this search.</Empty> : null}
        {orders.isSuccess && items.length === 0 && !filtered ? (
          <EmptyWith href="/shop" link="Place the first" text="There are no orders yet." />
        ) : null}
        <Table columns={COLUMNS} keyOf={(order) => order.order_id} rows={items} stacked />
        <div className="mt-3 flex items-center justify-between gap-2">
          <Button
            small
            disabled={search.cursor === null}
            onClick={() => router.push(writeSearch({ ...search, cursor: newerOf.get(search.cursor ?? '') ?? null }))}
            text="Newer"
          />
          <Button small disabled={!orders.data?.next_cursor} onClick={goOlder} text="Older" />
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
  // The back button or a link can change the address: show its search, and keep the focus.
  if (search.text !== searched) {
    setSearched(search.text);
    setText(search.text);
  }
  const go = (event: FormEvent) => {
    event.preventDefault();
    router.push(writeSearch({ ...search, text, cursor: null }));
  };
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
          <Button type="submit" text="Search" />
        </form>
      </search>
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">Status</legend>
        {[null, ...ORDER_STATUSES].map((status) => (
          <Button
            aria-pressed={search.status === status}
            key={status}
            main={search.status === status}
            onClick={() => router.push(writeSearch({ ...search, status, cursor: null }))}
            small
            text={status === null ? 'all' : ORDER_STATUS[status].look.word}
          />
        ))}
      </fieldset>
    </div>
  );
}

const COLUMNS: ReadonlyArray<Column<Order>> = [
  ['Order', (order) => <OrderLink id={order.order_id} />],
  ['Status', (order) => <StatusAndReason order={order} />],
  ['Items', itemsInWords],
  [
    'Background tries',
    ({ attempts }) => (attempts === 0 ? <span className="text-muted">none</span> : attempts),
    'wide-only',
  ],
  ['Placed', (order) => <Time at={order.created_at} />, 'text-muted'],
  ['Key', (order) => order.idempotency_key, 'wide-only max-w-[16rem] truncate font-mono text-[0.92rem] text-muted'],
];

function StatusAndReason({ order }: { order: Order }) {
  return (
    <>
      <OrderStatusBadge order={order} />
      {order.reason ? <span className="ml-2 text-muted">{REASONS[order.reason]}</span> : null}
    </>
  );
}
