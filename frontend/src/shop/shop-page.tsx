'use client';

import { StockNotice } from '../catalogue/stock-notice.tsx';
import { useStock } from '../catalogue/use-stock.ts';
import { Button } from '../ui/controls.tsx';
import { Loading, MoreButton, Note, PageHead } from '../ui/parts.tsx';
import { Cart, CartBar } from './cart.tsx';
import { Catalogue } from './catalogue.tsx';
import { SentList } from './sent-list.tsx';
import { type Shop, useShop } from './use-shop.ts';

export function ShopPage() {
  const stock = useStock();
  const shop = useShop();
  const { items } = stock;
  return (
    <>
      <PageHead
        lead="Each order gets an idempotency key and keeps it over every retry and reload: any number of requests makes one order."
        title="Shop"
      />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(320px,420px)]">
        <section aria-label="Catalogue" className="min-w-0">
          <StockNotice rows={8} stock={stock} />
          {shop.basket === null ? null : <Catalogue items={items} lines={shop.basket.lines} shop={shop} />}
          <MoreButton query={stock} text="More items" />
          {shop.basket === null ? null : <CartBar basket={shop.basket} items={items} />}
        </section>
        <div className="min-w-0 space-y-4">
          {shop.basket === null ? (
            <Loading label="Loading the cart" rows={3} />
          ) : (
            <Cart basket={shop.basket} items={items} shop={shop} />
          )}
          <Idempotency shop={shop} />
          <SentList sent={shop.sent} />
        </div>
      </div>
    </>
  );
}

/** Two ways to see the effect of the key, once an order is answered. */
function Idempotency({ shop: { retry, busy } }: { shop: Shop }) {
  if (retry === null) return null;
  return (
    <Note icon="retry" tone="info">
      <p>Send the last order again with its key: the stored answer comes back, and no second order is made.</p>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button small disabled={busy} onClick={retry.same} icon="retry" text="Retry the last one" />
        <Button small disabled={busy} onClick={retry.other} text="Same key, other order" />
      </div>
    </Note>
  );
}
