'use client';

import { StockNotice } from '../catalogue/stock-notice.tsx';
import { useStock } from '../catalogue/use-stock.ts';
import { Icon } from '../ui/icons.tsx';
import { Loading, Note, PageHead } from '../ui/parts.tsx';
import { Cart } from './cart.tsx';
import { Catalogue } from './catalogue.tsx';
import { SentList } from './sent-list.tsx';
import { useShop } from './use-shop.ts';

export function ShopPage() {
  const stock = useStock();
  const shop = useShop();
  const { items } = stock;
  return (
    <>
      <PageHead
        lead="Each attempt carries one key over every retry and reload, so however often it is sent, one order comes of it."
        title="Shop"
      />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(320px,420px)]">
        <section aria-label="Catalogue" className="min-w-0">
          <StockNotice rows={8} stock={stock} />
          {shop.basket === null ? null : (
            <Catalogue disabled={shop.busy} items={items} lines={shop.basket.lines} setQuantity={shop.setQuantity} />
          )}
        </section>
        <div className="min-w-0 space-y-4">
          {shop.basket === null ? (
            <Loading label="Loading the cart" rows={3} />
          ) : (
            <Cart
              basket={shop.basket}
              busy={shop.busy}
              clear={shop.clear}
              giveUp={shop.giveUp}
              items={items}
              place={(times) => void shop.place(times)}
              setQuantity={shop.setQuantity}
            />
          )}
          <Idempotency shop={shop} />
          <SentList sent={shop.sent} />
        </div>
      </div>
    </>
  );
}

/** Two ways to see what the key does, once there is an answered order to repeat. */
function Idempotency({ shop }: { shop: ReturnType<typeof useShop> }) {
  const { retryLast, retryOther, busy } = shop;
  if (retryLast === null || retryOther === null) return null;
  return (
    <Note icon="retry" tone="info">
      <p>Send the last order again with its key. It is answered from memory, and no second order is made.</p>
      <div className="mt-2 flex flex-wrap gap-2">
        <button className="button button-small" disabled={busy} onClick={() => void retryLast()} type="button">
          <Icon name="retry" size={13} /> Retry the last one
        </button>
        <button className="button button-small" disabled={busy} onClick={() => void retryOther()} type="button">
          Same key, other order
        </button>
      </div>
    </Note>
  );
}
