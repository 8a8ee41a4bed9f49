'use client';

import { inventoryAnswer, type LedgerEntry, ledgerPage } from '@valerix/contracts';
import Link from 'next/link';
import { formatChange, formatCount, formatPrice, formatTime, shortId } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import { isNotFound } from '../browser/http.ts';
import { usePages, useRead } from '../browser/use-read.ts';
import { stockLevel } from '../catalogue/stock-level.ts';
import { OrderLink } from '../ordering/order-parts.tsx';
import { Card } from '../ui/card.tsx';
import { Empty, MoreButton, PageHead, QueryState, TableHead } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { Status } from '../ui/status.tsx';
import { StockBar } from './inventory-page.tsx';
import { Restock } from './restock.tsx';

export function ItemPage({ id }: { id: string }) {
  const { operator } = useSession();
  const query = useRead(['inventory', id], inventoryAnswer, `/api/inventory/${encodeURIComponent(id)}`, {
    every: ({ state }) => (isNotFound(state.error) ? false : 2_000),
  });
  const item = query.data?.item;
  const level = item ? stockLevel(item) : null;
  return (
    <>
      <PageHead lead={item ? `${formatPrice(item.price_cents)} · ${id}` : id} title={item?.item_name ?? 'Item'}>
        {level ? <Status tone={level.tone}>{level.word}</Status> : null}
      </PageHead>
      <QueryState
        missing={
          <>
            There is no such item.{' '}
            <Link className="link" href="/inventory">
              All items
            </Link>
          </>
        }
        query={query}
        rows={3}
        what="The item"
      />
      {item ? (
        <div className="grid gap-3 lg:grid-cols-[minmax(0,1fr)_minmax(280px,380px)]">
          <Ledger id={id} />
          <div className="order-first space-y-3 lg:order-none">
            <Card className="space-y-2" title="Stock">
              <StockBar item={item} />
              <p className="text-muted">Last change {formatTime(item.updated_at)}</p>
            </Card>
            <Card className="space-y-2" title="Restock">
              {operator === true ? <Restock itemId={id} /> : null}
              {operator === false ? <SignInHint what="restock" /> : null}
            </Card>
          </div>
        </div>
      ) : null}
    </>
  );
}

function Ledger({ id }: { id: string }) {
  const params = { item_id: id };
  const ledger = usePages(['ledger', params], ledgerPage, '/api/inventory/ledger', {
    params,
    limit: 50,
    cursor: 'after',
  });
  return (
    <Card
      aside={
        <button className="link text-[0.92rem]" onClick={() => void ledger.refetch()} type="button">
          Read again
        </button>
      }
      title="Ledger"
    >
      <p className="text-muted">Every unit that came or went, oldest first. Entries are added, never changed.</p>
      <QueryState query={ledger} what="The ledger" />
      {ledger.isSuccess && ledger.items.length === 0 ? <Empty>No entry yet.</Empty> : null}
      {ledger.items.length === 0 ? null : <LedgerTable entries={ledger.items} />}
      <MoreButton query={ledger}>More</MoreButton>
    </Card>
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
        <TableHead columns={['When', 'What', '>Units', '>Balance', 'For']} />
        <tbody>
          {rows.map(({ entry, balance: after }) => (
            <tr key={entry.position}>
              <td className="text-muted">{formatTime(entry.created_at)}</td>
              <td>{entry.transaction_type}</td>
              <td className="text-right">{formatChange(entry.quantity_change)}</td>
              <td className="text-right">{formatCount(after)}</td>
              <td className="whitespace-nowrap">
                {entry.order_id ? (
                  <OrderLink id={entry.order_id} />
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
