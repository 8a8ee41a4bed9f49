'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { inventoryAnswer, type LedgerEntry, ledgerPage } from '@valerix/contracts';
import Link from 'next/link';
import { formatChange, formatCount, formatPrice, formatTime, shortId } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import { fetchJson, isNotFound } from '../browser/http.ts';
import { useLastError } from '../browser/last-error.ts';
import { Empty, Failure, Loading, PageHead } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { Status } from '../ui/status.tsx';
import { StockBar } from './inventory-page.tsx';
import { Restock } from './restock.tsx';
import { stockLevel } from './stock-level.ts';

export function ItemPage({ id }: { id: string }) {
  const { operator } = useSession();
  const reading = useQuery({
    queryKey: ['inventory', id],
    queryFn: ({ signal }) => fetchJson(inventoryAnswer, 'GET', `/api/inventory/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state }) => (isNotFound(state.error) ? false : 2_000),
  });
  const query = useLastError(reading);
  const item = query.data?.item;
  const level = item ? stockLevel(item) : null;
  return (
    <>
      <PageHead lead={item ? `${formatPrice(item.price_cents)} · ${id}` : id} title={item?.item_name ?? 'Item'}>
        {level ? <Status tone={level.tone}>{level.word}</Status> : null}
      </PageHead>
      {query.isPending ? <Loading label="Loading the item" rows={3} /> : null}
      {query.isError ? (
        isNotFound(query.error) ? (
          <Empty>
            There is no such item.{' '}
            <Link className="link" href="/inventory">
              All items
            </Link>
          </Empty>
        ) : (
          <Failure error={query.error} retry={() => void query.refetch()} what="The item" />
        )
      ) : null}
      {item ? (
        <div className="grid gap-3 lg:grid-cols-[minmax(0,1fr)_minmax(280px,380px)]">
          <Ledger id={id} />
          <div className="order-first space-y-3 lg:order-none">
            <section aria-label="Stock" className="card space-y-2">
              <h2>Stock</h2>
              <StockBar item={item} />
              <p className="text-muted">Last change {formatTime(item.updated_at)}</p>
            </section>
            <section aria-label="Restock" className="card space-y-2">
              <h2>Restock</h2>
              {operator === true ? <Restock itemId={id} /> : null}
              {operator === false ? <SignInHint what="restock" /> : null}
            </section>
          </div>
        </div>
      ) : null}
    </>
  );
}

function Ledger({ id }: { id: string }) {
  const ledger = useInfiniteQuery({
    queryKey: ['ledger', { item_id: id }],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      fetchJson(ledgerPage, 'GET', '/api/inventory/ledger', {
        signal,
        params: { item_id: id, limit: 50, after: pageParam },
      }),
    getNextPageParam: (page) => (page.items.length < 50 ? undefined : (page.next_cursor ?? undefined)),
  });
  const entries = ledger.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section aria-label="Ledger" className="card min-w-0">
      <div className="mb-1 flex items-baseline justify-between gap-2">
        <h2>Ledger</h2>
        <button className="link text-[0.92rem]" onClick={() => void ledger.refetch()} type="button">
          Read again
        </button>
      </div>
      <p className="text-muted">Every unit that came or went, oldest first. Entries are added, never changed.</p>
      {ledger.isPending ? <Loading label="Loading the ledger" /> : null}
      {ledger.isError ? <Failure error={ledger.error} retry={() => void ledger.refetch()} what="The ledger" /> : null}
      {ledger.isSuccess && entries.length === 0 ? <Empty>No entry yet.</Empty> : null}
      {entries.length === 0 ? null : <LedgerTable entries={entries} />}
      {ledger.hasNextPage ? (
        <button
          className="button button-small mt-2"
          disabled={ledger.isFetchingNextPage}
          onClick={() => void ledger.fetchNextPage()}
          type="button"
        >
          {ledger.isFetchingNextPage ? 'Loading' : 'More'}
        </button>
      ) : null}
    </section>
  );
}

function LedgerTable({ entries }: { entries: readonly LedgerEntry[] }) {
  let balance = 0;
  const rows = entries.map((entry) => {
    balance += entry.quantity_change;
    return { entry, balance };
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: on a narrow page it scrolls, also by keyboard
    <section aria-label="Ledger entries" className="overflow-x-auto" tabIndex={0}>
      <table className="table mt-1">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th className="text-right" scope="col">
              Units
            </th>
            <th className="text-right" scope="col">
              Balance
            </th>
            <th scope="col">For</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ entry, balance: after }) => (
            <tr key={entry.position}>
              <td className="text-muted">{formatTime(entry.created_at)}</td>
              <td>{entry.transaction_type}</td>
              <td className="text-right">{formatChange(entry.quantity_change)}</td>
              <td className="text-right">{formatCount(after)}</td>
              <td className="whitespace-nowrap">
                {entry.order_id ? (
                  <Link className="link font-mono text-[0.92rem]" href={`/orders/${entry.order_id}`} prefetch={false}>
                    {shortId(entry.order_id)}
                  </Link>
                ) : (
                  <span className="text-muted">{entry.restock_id ? shortId(entry.restock_id) : 'first stock'}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
