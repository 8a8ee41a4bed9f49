import type { InventoryItem, OrderLine } from '@valerix/contracts';
import { MAX_QUANTITY } from '@valerix/contracts/plain';
import { useState } from 'react';
import { formatCount, formatMoney } from '../browser/format.ts';
import { stockLevel } from '../catalogue/stock-level.ts';
import { Button } from '../ui/controls.tsx';
import type { IconName } from '../ui/icons.tsx';
import { Status } from '../ui/status.tsx';
import { useSuccessor } from '../ui/use-successor.ts';
import type { Shop } from './use-shop.ts';

type Props = Readonly<{ items: readonly InventoryItem[]; lines: readonly OrderLine[]; shop: Shop }>;

/** The items with their current stock. Sold-out items stay orderable, to show the refusal. */
export function Catalogue({ items, lines, shop: { busy, setQuantity } }: Props) {
  return (
    <ul className="grid grid-cols-1 gap-3 sm:grid-cols-2 2xl:grid-cols-3">
      {items.map((item) => {
        const wanted = lines.find((line) => line.item_id === item.item_id)?.quantity ?? 0;
        const { tone, word } = stockLevel(item);
        const left = `${formatCount(item.quantity)} left`;
        const stock = tone === 'ok' ? left : tone === 'warn' ? `low: ${left}` : word;
        return (
          <li className="card flex flex-col gap-2" data-item={item.item_id} key={item.item_id}>
            <div className="flex items-start justify-between gap-2">
              <div className="min-w-0">
                <h2 className="font-semibold">{item.item_name}</h2>
                <p className="text-muted">{formatMoney(item.price_cents, item.currency)}</p>
              </div>
              <div className="shrink-0 text-right">
                <Status tone={tone} word={stock} />
                {item.reserved_quantity > 0 ? (
                  <p className="text-sm text-muted">{formatCount(item.reserved_quantity)} in checkouts</p>
                ) : null}
              </div>
            </div>
            <div className="mt-auto flex items-center justify-between gap-2 pt-1">
              <code className="text-sm text-muted">{item.item_id}</code>
              <Stepper
                disabled={busy}
                label={item.item_name}
                set={(next) => setQuantity(item.item_id, next)}
                value={wanted}
              />
            </div>
          </li>
        );
      })}
    </ul>
  );
}

type StepperProps = Readonly<{ label: string; value: number; disabled: boolean; set: (next: number) => void }>;

/** A button that adds an item, and then its quantity. Typed text counts as soon as it is a quantity. */
export function Stepper({ label, value, disabled, set }: StepperProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const successor = useSuccessor<HTMLButtonElement>();
  const step = (next: number) => {
    if (value === 0 || next === 0) successor.expect();
    setTyped(null);
    set(Math.min(MAX_QUANTITY, next));
  };
  const type = (text: string) => {
    const next = Number(text);
    const valid = Number.isInteger(next) && next > 0;
    setTyped(valid ? null : text);
    if (valid) set(Math.min(MAX_QUANTITY, next));
  };
  const leave = () => {
    // A typed zero removes the item only now, because it could have been the start of another number.
    if (typed !== null && typed.trim() !== '' && Number(typed) === 0) set(0);
    setTyped(null);
  };
  const button = (name: string, icon: IconName, next: number, text = '') => (
    <Button
      aria-label={name}
      small
      className={text === '' ? 'px-2' : ''}
      disabled={disabled}
      onClick={() => step(next)}
      ref={icon === 'plus' ? successor.ref : undefined}
      icon={icon}
      text={text}
    />
  );
  if (value === 0) return button(`Add ${label} to the cart`, 'plus', 1, 'Add');
  return (
    <div className="flex items-center gap-1">
      {button(`One ${label} less`, 'minus', value - 1)}
      <input
        aria-label={`Quantity of ${label}`}
        className="field w-14 px-1 text-center"
        disabled={disabled}
        inputMode="numeric"
        onBlur={leave}
        onChange={(event) => type(event.target.value)}
        style={{ minHeight: 28 }}
        value={typed ?? value}
      />
      {button(`One ${label} more`, 'plus', value + 1)}
    </div>
  );
}
