'use client';

import type { Order } from '@valerix/contracts';
import { canonicalLines, ORDER_STATUSES } from '@valerix/contracts/plain';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { formatQueued, plural } from '../browser/format.ts';
import { useFresh, useLiveOf, useSession } from '../browser/hooks.ts';
import { useTitle } from '../browser/use-title.ts';
import { isInstalled } from '../live/services.ts';
import { itemsInWords, OrderLink, StatusAndReason } from '../ordering/order-parts.tsx';
import { ORDER_STATUS } from '../ordering/order-status.ts';
import { Button } from '../ui/controls.tsx';
import { ExportButtons } from '../ui/export-buttons.tsx';
import { Icon } from '../ui/icons.tsx';
import { EmptyWith, PageHead, QueryState, Time } from '../ui/parts.tsx';
import { NothingFound, SearchBox } from '../ui/search.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { useStill } from '../ui/use-still.ts';
import { AccessNote } from './access-note.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { type OrderFilter, type OrderSearch, readSearch, writeSearch } from './search.ts';
import { findOrders, useOrders } from './use-orders.ts';

/** The previous page of each page reached by "Older". Cursors lead one way; without an entry, "Newer" leads to the first page. */
const newerOf = new Map<string, string | null>();

export function OrdersPage() {
  const search = readSearch(useSearchParams());
  const { operator } = useSession();
  const isPaid = useLiveOf(({ state }) => state !== null && isInstalled(state, 'payment'));
  useTitle(search.text ? `Orders with ${search.text}` : search.status ? `Orders: ${search.status}` : null);
  return (
    <>
      <PageHead lead="Newest first. Open an order to see why it is where it is." title="Orders">
        {operator && isPaid ? (
          <Link className="button" href="/payments">
            Payments <Icon name="arrow" size={14} />
          </Link>
        ) : null}
        <Link className="button" href="/orders/mine">
          My orders <Icon name="arrow" size={14} />
        </Link>
      </PageHead>
      <AccessNote />
      <DeadLetters />
      <div className="card">
        <Filters />
        <Results key={writeSearch(search)} search={search} />
      </div>
    </>
  );
}

function Results({ search }: { search: OrderSearch }) {
  const router = useRouter();
  const orders = useOrders(search);
  const items = orders.data?.items ?? [];
  const { operator, account } = useSession();
  const { shown, fresh, showNew, area } = useStill(items, ({ order_id }) => order_id);
  const filtered = search.status !== null || search.text !== '' || search.from !== null || search.to !== null;
  const goOlder = () => {
    const cursor = orders.data?.next_cursor ?? null;
    if (cursor !== null) newerOf.set(cursor, search.cursor);
    router.push(writeSearch({ ...search, cursor }));
  };
  const goNewer = () => router.push(writeSearch({ ...search, cursor: newerOf.get(search.cursor ?? '') ?? null }));
  return (
    <div {...area}>
      <QueryState query={orders} rows={8} what="Orders" />
      <NothingFound
        clear={() => router.push('/orders')}
        is={orders.isSuccess && items.length === 0 && filtered}
        text="No order matches this search."
      />
      {orders.isSuccess && items.length === 0 && !filtered ? (
        <EmptyWith href="/shop" link="Place the first" text="There are no orders yet." />
      ) : null}
      <Table
        columns={operator || account ? [...COLUMNS, KEY] : COLUMNS}
        keyOf={(order) => order.order_id}
        rows={shown}
        stacked
      />
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <Button small disabled={search.cursor === null} onClick={goNewer} text="Newer" />
        <span className="mx-auto flex min-h-[28px] items-center" role="status">
          {fresh > 0 ? (
            <Button
              onClick={showNew}
              small
              text={fresh === items.length ? `${fresh}+ new orders` : plural(fresh, 'new order')}
            />
          ) : null}
        </span>
        <ExportButtons
          name={search.status === null ? 'orders' : `orders-${search.status}`}
          read={(cursor) => findOrders({ ...search, cursor }, EXPORT_PAGE)}
          row={({ items: lines, ...order }) => ({ ...order, items: canonicalLines(lines) })}
        />
        <Button small disabled={!orders.data?.next_cursor} onClick={goOlder} text="Older" />
      </div>
    </div>
  );
}

/** Rows asked for at once by an export: the most that the service sends. */
const EXPORT_PAGE = 200;

function Filters() {
  const router = useRouter();
  const search = readSearch(useSearchParams());
  const queue = useFresh((state) => state.queue);
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
  const chip = (status: OrderFilter, word: string, count: number | null = null) => (
    <Button
      aria-pressed={search.status === status}
      key={status}
      main={search.status === status}
      onClick={() => router.push(writeSearch({ ...search, status, cursor: null }))}
      small
      text={count === null ? word : `${word} ${formatQueued(count)}`}
    />
  );
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <search className="min-w-[16rem] flex-1">
        <form className="flex gap-2" onSubmit={go}>
          <SearchBox
            label="Key, or part of an id, item or reason"
            maxLength={255}
            placeholder="Key, part of id, item or reason"
            set={setText}
            value={text}
          />
          <Button type="submit" text="Search" />
        </form>
      </search>
      <fieldset className="flex flex-wrap items-center gap-2">
        <legend className="sr-only">Placed</legend>
        {(['from', 'to'] as const).map((end) => (
          <label className="inline-flex items-center gap-2 text-muted text-sm" key={end}>
            {end === 'from' ? 'placed from' : 'to'}
            <input
              className="field w-auto text-text"
              onChange={({ target }) => {
                const at = new Date(target.value);
                const time = Number.isNaN(at.getTime()) ? null : at.toISOString();
                router.push(writeSearch({ ...search, [end]: time, cursor: null }));
              }}
              type="datetime-local"
              value={localTime(search[end])}
            />
          </label>
        ))}
      </fieldset>
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">Status</legend>
        {chip(null, 'all')}
        {ORDER_STATUSES.map((status) => chip(status, ORDER_STATUS[status].look.word))}
        {chip('waiting', 'waiting', queue?.depth ?? null)}
        {chip('dead-letters', 'dead letters', queue?.dead_lettered ?? null)}
        {chip('hit-by-fault', 'hit by a fault')}
      </fieldset>
    </div>
  );
}

/** A time as an input of this browser has it, to the minute. */
function localTime(iso: string | null): string {
  if (iso === null) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const COLUMNS: ReadonlyArray<Column<Order>> = [
  ['Order', (order) => <OrderLink id={order.order_id} />],
  ['Status', (order) => <StatusAndReason order={order} />],
  ['Items', itemsInWords],
  ['Placed', (order) => <Time at={order.created_at} />, 'text-muted'],
];

/** For those who see keys: operators all of them, customers those of their own orders. */
const KEY: Column<Order> = [
  'Key',
  ({ idempotency_key }) => idempotency_key ?? 'not yours',
  ({ idempotency_key }) =>
    `wide-only max-w-[16rem] truncate text-sm text-muted ${idempotency_key === null ? '' : 'font-mono'}`,
];
