'use client';

import type { inventoryAnswer, LedgerEntry, ledgerPage } from '@valerix/contracts';
import { formatChange, formatCount, formatMoney, formatTime, shortId } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import { type AnswerOf, fetchJson, isNotFound } from '../browser/http.ts';
import { usePages, useRead } from '../browser/use-read.ts';
import { useTitle } from '../browser/use-title.ts';
import { stockLevel } from '../catalogue/stock-level.ts';
import { OrderLink } from '../ordering/order-parts.tsx';
import { Card } from '../ui/card.tsx';
import { ExportButtons } from '../ui/export-buttons.tsx';
import { Empty, EmptyWith, MoreButton, PageHead, QueryState } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { Status } from '../ui/status.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { StockBar } from './inventory-page.tsx';
import { ChangeItemForm } from './item-form.tsx';
import { Restock } from './restock.tsx';

export function ItemPage({ id }: { id: string }) {
  const { operator } = useSession();
  const query = useRead<AnswerOf<typeof inventoryAnswer>>(
    ['inventory', id],
    `/api/inventory/${encodeURIComponent(id)}`,
    {
      every: ({ state }) => (isNotFound(state.error) ? false : 2_000),
    },
  );
  const item = query.data?.item;
  useTitle(item ? `${item.item_name}: ${item.quantity}` : null);
  const missing = <EmptyWith href="/inventory" link="All items" text="There is no such item." />;
  return (
    <>
      <PageHead
        lead={item ? `${formatMoney(item.price_cents, item.currency)} · ${id}` : id}
        title={item?.item_name ?? 'Item'}
      >
        {item ? <Status {...stockLevel(item)} /> : null}
      </PageHead>
      <QueryState missing={missing} query={query} rows={3} what="The item" />
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
              {operator === false ? <SignInHint what="restock, rename or price it" /> : null}
            </Card>
            {operator === true ? (
              <Card className="space-y-2" title="Name and price">
                <ChangeItemForm item={item} />
              </Card>
            ) : null}
          </div>
        </div>
      ) : null}
    </>
  );
}

function Ledger({ id }: { id: string }) {
  const params = { item_id: id };
  const options = { params, limit: 50, cursor: 'after' };
  const ledger = usePages<AnswerOf<typeof ledgerPage>>(['ledger', params], '/api/inventory/ledger', options);
  let balance = 0;
  const rows = ledger.items.map((entry) => {
    balance += entry.quantity_change;
    return { ...entry, balance };
  });
  const reload = (
    <span className="flex items-center gap-3">
      <ExportButtons
        name={`ledger-${id}`}
        read={(after) =>
          fetchJson<AnswerOf<typeof ledgerPage>>('GET', '/api/inventory/ledger', {
            params: { item_id: id, limit: EXPORT_PAGE, after: after ?? undefined },
          })
        }
        row={(entry) => entry}
      />
      <button className="link text-sm" onClick={() => void ledger.refetch()} type="button">
        Reload
      </button>
    </span>
  );
  return (
    <Card aside={reload} title="Ledger">
      <p className="text-muted">Every change of stock, oldest first. Entries are added, never changed.</p>
      <QueryState query={ledger} what="The ledger" />
      {ledger.isSuccess && rows.length === 0 ? <Empty>No entry yet.</Empty> : null}
      {rows.length === 0 ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: on a narrow page the keyboard scrolls it too
        <section aria-label="Ledger entries" className="overflow-x-auto" tabIndex={0}>
          <Table className="mt-1" columns={COLUMNS} keyOf={(entry) => entry.position} rows={rows} />
        </section>
      )}
      <MoreButton query={ledger} text="More" />
    </Card>
  );
}

/** Entries asked for at once by an export: the most that the service sends. */
const EXPORT_PAGE = 1_000;

const COLUMNS: ReadonlyArray<Column<LedgerEntry & { readonly balance: number }>> = [
  ['When', (entry) => formatTime(entry.created_at), 'text-muted'],
  ['What', (entry) => entry.transaction_type],
  ['Units', (entry) => formatChange(entry.quantity_change), 'text-right'],
  ['Balance', (entry) => formatCount(entry.balance), 'text-right'],
  ['For', (entry) => <Reason entry={entry} />, 'whitespace-nowrap'],
];

function Reason({ entry: { order_id, restock_id } }: { entry: LedgerEntry }) {
  if (order_id) return <OrderLink id={order_id} />;
  return <span className="text-muted">{restock_id ? shortId(restock_id) : 'first stock'}</span>;
}
