'use client';

import type { InventoryItem } from '@valerix/contracts';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { formatCount, formatMoney } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import { useRead } from '../browser/use-read.ts';
import { stockLevel } from '../catalogue/stock-level.ts';
import { StockNotice } from '../catalogue/stock-notice.tsx';
import { useStock } from '../catalogue/use-stock.ts';
import type { StockHistoryView } from '../live/stock-history.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { TextField } from '../ui/forms.tsx';
import { MoreButton, PageHead } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { Sparkline } from '../ui/sparkline.tsx';
import { Status } from '../ui/status.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { AddItemForm } from './item-form.tsx';
import { RestockMany } from './restock-many.tsx';

export function InventoryPage() {
  const stock = useStock();
  const { items } = stock;
  const out = items.filter((item) => item.quantity === 0).length;
  const low = items.filter((item) => stockLevel(item).word === 'low').length;
  const ofWhich = stock.hasNextPage ? ' of those below' : '';
  return (
    <>
      <PageHead
        lead="What can be ordered, and what is deducted and reserved for orders. Open an item for its ledger, name and price."
        title="Inventory"
      >
        {out > 0 ? <Status tone="bad" word={`${out}${ofWhich} out of stock`} /> : null}
        {low > 0 ? <Status tone="warn" word={`${low}${ofWhich} low`} /> : null}
      </PageHead>
      <AddItem />
      <StockNotice rows={10} stock={stock} />
      <Items items={items} />
      <MoreButton query={stock} text="More items" />
      {stock.hasNextPage ? <OpenItem /> : null}
    </>
  );
}

/** How often the sparklines get a new point at most. */
const HISTORY_MS = 15_000;

function Items({ items }: { items: readonly InventoryItem[] }) {
  const { operator } = useSession();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const history = useRead<StockHistoryView>(['stock-history'], '/api/live/stock', { every: HISTORY_MS }).data?.items;
  const chosen = items.filter(({ item_id }) => selected.has(item_id)).map(({ item_id }) => item_id);
  const isAll = chosen.length === items.length;
  const choose = (id: string, isOn: boolean) =>
    setSelected((before) => new Set([...before].filter((one) => one !== id).concat(isOn ? [id] : [])));
  const columns: ReadonlyArray<Column<InventoryItem>> = [
    ...(operator ? [selection(selected, choose)] : []),
    ['Item', nameOf],
    // Beside the name: a phone shows no more columns at once.
    ['Available', ({ quantity }) => <strong>{formatCount(quantity)}</strong>, 'text-right'],
    ['State', (item) => <Status {...stockLevel(item)} />],
    ['Last hour', ({ item_id }) => <Sparkline room={ROOM} values={history?.[item_id] ?? []} />],
    ['Deducted', ({ taken_quantity }) => formatCount(taken_quantity), 'text-right'],
    ['Reserved', ({ reserved_quantity }) => formatCount(reserved_quantity), 'text-right'],
    ['Price', ({ price_cents, currency }) => formatMoney(price_cents, currency), 'text-right'],
  ];
  if (items.length === 0) return null;
  return (
    <div className="card">
      {operator ? (
        <RestockMany items={chosen} restocked={(id) => choose(id, false)}>
          <Button
            onClick={() => setSelected(new Set(isAll ? [] : items.map(({ item_id }) => item_id)))}
            text={isAll ? 'Select none' : 'Select all'}
          />
        </RestockMany>
      ) : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a narrow page the keyboard scrolls it too */}
      <section aria-label="Items" className="overflow-x-auto" tabIndex={0}>
        <Table className="table-dense" columns={columns} keyOf={({ item_id }) => item_id} rows={items} />
      </section>
    </div>
  );
}

/** The points of an hour, 30 s apart. */
const ROOM = 120;

const selection = (
  selected: ReadonlySet<string>,
  choose: (id: string, isOn: boolean) => void,
): Column<InventoryItem> => [
  'Select',
  ({ item_id: id, item_name }) => (
    <input
      aria-label={`Select ${item_name}`}
      checked={selected.has(id)}
      className="size-4"
      onChange={(event) => choose(id, event.target.checked)}
      type="checkbox"
    />
  ),
];

const nameOf = ({ item_id, item_name }: InventoryItem) => (
  <>
    <Link className="link" href={`/inventory/${item_id}`} prefetch={false}>
      {item_name}
    </Link>{' '}
    <code className="max-sm:hidden text-muted text-sm">{item_id}</code>
  </>
);

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

/** An item's units: available, and deducted for orders. */
export function StockBar({ item }: { item: InventoryItem }) {
  const all = item.quantity + (item.taken_quantity ?? 0);
  const share = all === 0 ? 0 : (item.quantity / all) * 100;
  const fill = stockLevel(item).tone === 'warn' ? 'bg-warn' : 'bg-unknown';
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
