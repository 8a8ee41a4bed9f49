'use client';

import type { InventoryItem } from '@valerix/contracts';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { formatCount, formatMoney } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import { stockLevel } from '../catalogue/stock-level.ts';
import { StockNotice } from '../catalogue/stock-notice.tsx';
import { useStock } from '../catalogue/use-stock.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { TextField } from '../ui/forms.tsx';
import { MoreButton, PageHead } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { Status } from '../ui/status.tsx';
import { AddItemForm } from './item-form.tsx';

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
      <AddItem />
      <StockNotice rows={10} stock={stock} />
      <ul className="grid gap-3 md:grid-cols-2 2xl:grid-cols-3">
        {items.map((item) => (
          <StockCard item={item} key={item.item_id} />
        ))}
      </ul>
      <MoreButton query={stock} text="More items" />
      {stock.hasNextPage ? <OpenItem /> : null}
    </>
  );
}

/** The way to an item of a catalogue that is too long to list. */
function OpenItem() {
  const router = useRouter();
  const [id, setId] = useState('');
  const open = (event: FormEvent) => {
    event.preventDefault();
    router.push(`/inventory/${encodeURIComponent(id.trim())}`);
  };
  return (
    <form className="mt-3 flex max-w-xl items-end gap-2" onSubmit={open}>
      <TextField label="Id of an item" set={setId} value={id} width="flex-1" />
      <Button disabled={id.trim() === ''} text="Open" type="submit" />
    </form>
  );
}

/** A form that an operator opens to add an item. */
function AddItem() {
  const { operator } = useSession();
  const [open, setOpen] = useState(false);
  if (operator === undefined) return null;
  if (!operator) {
    return (
      <div className="mb-3">
        <SignInHint what="add an item" />
      </div>
    );
  }
  return (
    <div className="mb-3 max-w-xl space-y-2">
      <Button
        aria-expanded={open}
        icon={open ? 'minus' : 'plus'}
        onClick={() => setOpen(!open)}
        small
        text="Add an item"
      />
      {open ? (
        <Card title="New item">
          <AddItemForm />
        </Card>
      ) : null}
    </div>
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
        <span>{formatMoney(item.price_cents, item.currency)}</span>
      </p>
    </li>
  );
}

/** An item's units: available, and deducted for orders. */
export function StockBar({ item }: { item: InventoryItem }) {
  const all = item.quantity + (item.taken_quantity ?? 0);
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
        <span className="text-muted">{formatCount(item.taken_quantity ?? 0)} deducted for orders</span>
      </p>
    </div>
  );
}
