'use client';

import type { InventoryItem } from '@valerix/contracts';
import Link from 'next/link';
import { formatCount, formatPrice } from '../browser/format.ts';
import { stockLevel } from '../catalogue/stock-level.ts';
import { StockNotice } from '../catalogue/stock-notice.tsx';
import { useStock } from '../catalogue/use-stock.ts';
import { MoreButton, PageHead } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';

export function InventoryPage() {
  const stock = useStock();
  const { items } = stock;
  const out = items.filter((item) => item.quantity === 0).length;
  const low = items.filter((item) => stockLevel(item).word === 'low').length;
  const ofWhich = stock.hasNextPage ? ' of those below' : '';
  return (
    <>
      <PageHead
        lead="The available stock, and the stock deducted for orders. Open an item for its ledger and to restock it."
        title="Inventory"
      >
        {out > 0 ? <Status tone="bad" word={`${out}${ofWhich} out of stock`} /> : null}
        {low > 0 ? <Status tone="warn" word={`${low}${ofWhich} low`} /> : null}
      </PageHead>
      <StockNotice rows={10} stock={stock} />
      <ul className="grid gap-3 md:grid-cols-2 2xl:grid-cols-3">
        {items.map((item) => (
          <StockCard item={item} key={item.item_id} />
        ))}
      </ul>
      <MoreButton query={stock} text="More items" />
    </>
  );
}

function StockCard({ item }: { item: InventoryItem }) {
  return (
    <li className="card space-y-2" data-item={item.item_id}>
      <div className="flex items-start justify-between gap-2">
        <h2 className="min-w-0">
          <Link className="hover:underline" href={`/inventory/${item.item_id}`}>
            {item.item_name}
          </Link>
        </h2>
        <Status {...stockLevel(item)} />
      </div>
      <StockBar item={item} />
      <p className="flex flex-wrap justify-between gap-x-3 text-[0.92rem] text-muted">
        <code>{item.item_id}</code>
        <span>{formatPrice(item.price_cents)}</span>
      </p>
    </li>
  );
}

/** An item's units: available, and deducted for orders. */
export function StockBar({ item }: { item: InventoryItem }) {
  const all = item.quantity + item.reserved_quantity;
  const share = all === 0 ? 0 : (item.quantity / all) * 100;
  const fill = stockLevel(item).tone === 'warn' ? 'bg-warn' : 'bg-ok';
  return (
    <div>
      <div aria-hidden="true" className="flex h-2.5 overflow-hidden rounded-full bg-raised">
        <div className={fill} style={{ width: `${share}%` }} />
        <div className="bg-line-strong opacity-50" style={{ width: `${all === 0 ? 0 : 100 - share}%` }} />
      </div>
      <p className="mt-1 flex justify-between">
        <span>
          <strong>{formatCount(item.quantity)}</strong> available
        </span>
        <span className="text-muted">{formatCount(item.reserved_quantity)} deducted for orders</span>
      </p>
    </div>
  );
}
