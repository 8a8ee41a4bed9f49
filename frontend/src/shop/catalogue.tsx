'use client';

import { type InventoryItem, MAX_QUANTITY, type OrderLine } from '@valerix/contracts';
import { formatCount, formatPrice } from '../browser/format.ts';
import { stockLevel } from '../inventory/stock-level.ts';
import { Icon } from '../ui/icons.tsx';
import { Status } from '../ui/status.tsx';

interface Props {
  readonly items: readonly InventoryItem[];
  readonly lines: readonly OrderLine[];
  readonly disabled: boolean;
  readonly setQuantity: (itemId: string, quantity: number) => void;
}

/** What can be ordered, with the stock as it is now. An item that is out can still be asked for: the answer teaches. */
export function Catalogue({ items, lines, disabled, setQuantity }: Props) {
  return (
    <ul className="grid grid-cols-1 gap-3 sm:grid-cols-2 2xl:grid-cols-3">
      {items.map((item) => {
        const wanted = lines.find((line) => line.item_id === item.item_id)?.quantity ?? 0;
        const { tone, word } = stockLevel(item);
        return (
          <li className="card flex flex-col gap-2" data-item={item.item_id} key={item.item_id}>
            <div className="flex items-start justify-between gap-2">
              <div className="min-w-0">
                <h3 className="font-semibold">{item.item_name}</h3>
                <p className="text-muted">{formatPrice(item.price_cents)}</p>
              </div>
              <Status tone={tone}>
                {word === 'in stock'
                  ? `${formatCount(item.quantity)} left`
                  : word === 'low'
                    ? `low: ${formatCount(item.quantity)} left`
                    : word}
              </Status>
            </div>
            <div className="mt-auto flex items-center justify-between gap-2 pt-1">
              <code className="text-[0.92rem] text-muted">{item.item_id}</code>
              <Stepper
                disabled={disabled}
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

interface StepperProps {
  readonly label: string;
  readonly value: number;
  readonly disabled: boolean;
  readonly set: (next: number) => void;
}

export function Stepper({ label, value, disabled, set }: StepperProps) {
  const bound = (next: number) => Math.max(0, Math.min(MAX_QUANTITY, Math.trunc(next)));
  if (value === 0) {
    return (
      <button
        aria-label={`Add ${label} to the cart`}
        className="button button-small"
        disabled={disabled}
        onClick={() => set(1)}
        type="button"
      >
        <Icon name="plus" size={13} /> Add
      </button>
    );
  }
  return (
    <div className="flex items-center gap-1">
      <button
        aria-label={`One ${label} less`}
        className="button button-small px-2"
        disabled={disabled}
        onClick={() => set(bound(value - 1))}
        type="button"
      >
        <Icon name="minus" size={13} />
      </button>
      <input
        aria-label={`Quantity of ${label}`}
        className="field w-14 px-1 text-center"
        disabled={disabled}
        inputMode="numeric"
        onChange={(event) => set(bound(Number(event.target.value) || 0))}
        style={{ minHeight: 28 }}
        value={value}
      />
      <button
        aria-label={`One ${label} more`}
        className="button button-small px-2"
        disabled={disabled}
        onClick={() => set(bound(value + 1))}
        type="button"
      >
        <Icon name="plus" size={13} />
      </button>
    </div>
  );
}
