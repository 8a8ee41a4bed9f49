import type { InventoryItem } from '@valerix/contracts';
import { plural } from '../browser/format.ts';
import { useFresh } from '../browser/hooks.ts';
import { Button } from '../ui/controls.tsx';
import { SelectField } from '../ui/forms.tsx';
import { Icon } from '../ui/icons.tsx';
import { Empty, Note, Spinner } from '../ui/parts.tsx';
import { useSuccessor } from '../ui/use-successor.ts';
import { type Basket, totalOf } from './basket.ts';
import { Stepper } from './catalogue.tsx';
import type { Shop } from './use-shop.ts';

type CartProps = Readonly<{ basket: Basket; items: readonly InventoryItem[] }>;
type Props = CartProps & Readonly<{ shop: Shop }>;

const CART_ID = 'cart';

/** Where the cart is below the catalogue: what is in it and the way to it, at the lower edge until it comes into view. */
export function CartBar({ basket: { lines }, items }: CartProps) {
  if (lines.length === 0) return null;
  const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return (
    <div
      className="sticky bottom-2 z-10 mt-3 flex items-center gap-3 rounded-lg border border-line-strong bg-surface p-2 pl-4 shadow-lg lg:hidden"
      data-on-top
    >
      <span className="min-w-0">{plural(count, 'unit')}</span>
      <strong className="ml-auto">{totalOf(lines, (id) => items.find((item) => item.item_id === id))}</strong>
      <a className="button button-main" href={`#${CART_ID}`}>
        To the cart <Icon name="arrow" size={14} />
      </a>
    </div>
  );
}

/** The order to send, its key, and the ways to send it. */
export function Cart({ basket, items, shop: { busy, setQuantity, setPayment, place, giveUp, clear } }: Props) {
  const { lines, attempt } = basket;
  const heading = useSuccessor<HTMLHeadingElement>();
  const named = (id: string) => items.find((item) => item.item_id === id);
  const nameOf = (id: string) => named(id)?.item_name ?? id;
  const unanswered = attempt?.sent === true && !busy;
  return (
    <section aria-label="Cart" className="card space-y-3">
      <div className="flex items-center justify-between">
        <h2 id={CART_ID} ref={heading.ref} tabIndex={-1}>
          Cart
        </h2>
        {lines.length === 0 ? null : (
          <button className="link text-sm" disabled={busy} onClick={clear} type="button">
            Empty it
          </button>
        )}
      </div>
      {lines.length === 0 ? <Empty>The cart is empty. Add items from the catalogue.</Empty> : null}
      <ul className="divide-y divide-line">
        {lines.map(({ item_id, quantity }) => (
          <li className="flex items-center justify-between gap-2 py-1.5" key={item_id}>
            <span className="min-w-0">{nameOf(item_id)}</span>
            <Stepper
              disabled={busy}
              label={`${nameOf(item_id)} in the cart`}
              set={(next) => {
                if (next === 0) heading.expect();
                setQuantity(item_id, next);
              }}
              value={quantity}
            />
          </li>
        ))}
      </ul>
      {lines.length === 0 ? null : (
        <p className="flex justify-between font-medium">
          <span>Total</span>
          <span>{totalOf(lines, named)}</span>
        </p>
      )}
      {lines.length === 0 ? null : <PaymentChoice busy={busy} pay={basket.pay} set={setPayment} />}
      {attempt === null ? null : (
        <p className="break-all text-sm text-muted">
          Key of this attempt: <code data-testid="attempt-key">{attempt.key}</code>
        </p>
      )}
      {unanswered ? (
        <Note tone="warn">
          This order was sent, and no final answer has arrived. Send it again: the key is the same, so at most one order
          results.{' '}
          <button className="link" onClick={giveUp} type="button">
            Start over with a new key
          </button>
        </Note>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Button
          main
          className="flex-1"
          disabled={busy || lines.length === 0}
          onClick={() => place(1)}
          text={busy ? <Spinner label="Sending" /> : unanswered ? 'Send it again' : 'Place order'}
        />
        <Button
          disabled={busy || lines.length === 0}
          onClick={() => place(2)}
          title="Sends the same order with the same key twice at the same moment"
          icon="copy"
          text="Send twice"
        />
      </div>
    </section>
  );
}

/** What the provider of this machine does with each token, which stands for a card. */
const CARDS = [
  ['', 'on account'],
  ['tok_ok', 'by card'],
  ['tok_declined', 'by a card that is declined'],
  ['tok_insufficient_funds', 'by a card without enough money'],
  ['tok_slow', 'by card; the provider is slow'],
  ['tok_lost_reply', 'by card; the reply is lost after the charge'],
  ['tok_webhook_only', 'by card; only a webhook tells'],
  ['tok_never', 'by card; the provider never says'],
] as const;

/** How the order is paid; hidden while no payment service answers. */
function PaymentChoice(props: { pay: string | null; busy: boolean; set: (pay: string | null) => void }) {
  const { pay, busy, set } = props;
  const offered = useFresh(({ services }) => services.payment.replicas.some((one) => one.up)) ?? false;
  if (!offered && pay === null) return null;
  return (
    <SelectField
      disabled={busy}
      label="Paid"
      options={CARDS}
      set={(token) => set(token === '' ? null : token)}
      value={pay ?? ''}
    />
  );
}
