'use client';

import type { InventoryItem } from '@valerix/contracts';
import { formatPrice } from '../browser/format.ts';
import { Icon } from '../ui/icons.tsx';
import { Empty, Note, Spinner } from '../ui/parts.tsx';
import { useSuccessor } from '../ui/use-successor.ts';
import type { Basket } from './basket.ts';
import { Stepper } from './catalogue.tsx';

interface Props {
  readonly basket: Basket;
  readonly items: readonly InventoryItem[];
  readonly busy: boolean;
  readonly setQuantity: (itemId: string, quantity: number) => void;
  readonly place: (times: number) => void;
  readonly giveUp: () => void;
  readonly clear: () => void;
}

/** What will be ordered, under which key, and the ways to send it. */
export function Cart({ basket, items, busy, setQuantity, place, giveUp, clear }: Props) {
  const { lines, attempt } = basket;
  const heading = useSuccessor<HTMLHeadingElement>();
  const named = (id: string) => items.find((item) => item.item_id === id);
  const prices = lines.map((line) => named(line.item_id)?.price_cents);
  const known = prices.every((price) => price !== undefined);
  const total = lines.reduce((sum, line, index) => sum + line.quantity * (prices[index] ?? 0), 0);
  const unanswered = attempt?.sent === true && !busy;
  return (
    <section aria-label="Cart" className="card space-y-3">
      <div className="flex items-center justify-between">
        <h2 ref={heading.ref} tabIndex={-1}>
          Cart
        </h2>
        {lines.length === 0 ? null : (
          <button className="link text-[0.92rem]" disabled={busy} onClick={clear} type="button">
            Empty it
          </button>
        )}
      </div>
      {lines.length === 0 ? (
        <Empty>The cart is empty. Add items from the catalogue.</Empty>
      ) : (
        <ul className="divide-y divide-line">
          {lines.map((line) => (
            <li className="flex items-center justify-between gap-2 py-1.5" key={line.item_id}>
              <span className="min-w-0">{named(line.item_id)?.item_name ?? line.item_id}</span>
              <Stepper
                disabled={busy}
                label={`${named(line.item_id)?.item_name ?? line.item_id} in the cart`}
                set={(next) => {
                  if (next === 0) heading.expect();
                  setQuantity(line.item_id, next);
                }}
                value={line.quantity}
              />
            </li>
          ))}
        </ul>
      )}
      {lines.length === 0 ? null : (
        <p className="flex justify-between font-medium">
          <span>Total</span>
          <span>{known ? formatPrice(total) : '–'}</span>
        </p>
      )}
      {attempt === null ? null : (
        <p className="break-all text-[0.92rem] text-muted">
          Key of this attempt: <code data-testid="attempt-key">{attempt.key}</code>
        </p>
      )}
      {unanswered ? (
        <Note tone="warn">
          This order was sent and no final answer has arrived here. Send it again: the key is the same, so at most one
          order comes of it.{' '}
          <button className="link" onClick={giveUp} type="button">
            Start over with a new key
          </button>
        </Note>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <button
          className="button button-main flex-1"
          disabled={busy || lines.length === 0}
          onClick={() => place(1)}
          type="button"
        >
          {busy ? <Spinner label="Sending" /> : unanswered ? 'Send it again' : 'Place order'}
        </button>
        <button
          className="button"
          disabled={busy || lines.length === 0}
          onClick={() => place(2)}
          title="Sends the same order with the same key twice at the same moment"
          type="button"
        >
          <Icon name="copy" size={14} /> Send twice
        </button>
      </div>
    </section>
  );
}
