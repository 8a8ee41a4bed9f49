'use client';

import { useQuery } from '@tanstack/react-query';
import type { Order, orderAnswer, orderPage } from '@valerix/contracts';
import { useEffect, useState } from 'react';
import { useSession } from '../browser/hooks.ts';
import { type AnswerOf, fetchJson, orNull } from '../browser/http.ts';
import { ownOrders } from '../browser/own-orders.ts';
import { useLastError, usePages } from '../browser/use-read.ts';
import { itemsInWords, OrderLink, StatusAndReason } from '../ordering/order-parts.tsx';
import { Button, TextLink } from '../ui/controls.tsx';
import { EmptyWith, Loading, MoreButton, Note, PageHead, QueryState, Time } from '../ui/parts.tsx';
import { useSignInHref } from '../ui/session-menu.tsx';
import { type Column, Table } from '../ui/table.tsx';

const PAGE_SIZE = 25;
const POLL_MS = 5_000;

/** The orders of whoever is signed in; for a guest, those that this browser placed. */
export function MyOrdersPage() {
  const { operator, name, account } = useSession();
  return (
    <>
      <PageHead lead="Newest first. Open an order to follow or cancel it." title="My orders" />
      {operator === undefined ? <Loading label="Loading your orders" /> : null}
      {name === null ? <GuestOrders /> : null}
      {name && account ? <AccountOrders key={name} name={name} /> : null}
      {name && !account ? (
        <EmptyWith
          href="/orders"
          link="All orders"
          text="What you order without an account belongs to all operators."
        />
      ) : null}
    </>
  );
}

function AccountOrders({ name }: { name: string }) {
  const params = { mine: 'true' };
  const orders = usePages<AnswerOf<typeof orderPage>>(['orders', 'mine', name], '/api/orders', {
    params,
    limit: PAGE_SIZE,
    every: POLL_MS,
  });
  return (
    <div className="card">
      <QueryState query={orders} rows={6} what="Your orders" />
      {orders.isSuccess && orders.items.length === 0 ? <NoOrders /> : null}
      <Table columns={COLUMNS} keyOf={(order) => order.order_id} rows={orders.items} stacked />
      <MoreButton query={orders} text="Older orders" />
    </div>
  );
}

/** This browser holds the tokens of its orders. Another browser, or this one with its storage cleared, cannot show them. */
function GuestOrders() {
  const [known, setKnown] = useState<ReturnType<typeof ownOrders> | null>(null);
  const [shown, setShown] = useState(PAGE_SIZE);
  const signUp = useSignInHref('/sign-up');
  useEffect(() => setKnown(ownOrders()), []);
  const ids = (known ?? []).slice(0, shown).map(({ id }) => id);
  const read = useQuery({
    queryKey: ['orders', 'guest', ids],
    enabled: ids.length > 0,
    queryFn: async ({ signal }) => {
      const all = ids.map((id) =>
        orNull(fetchJson<AnswerOf<typeof orderAnswer>>('GET', `/api/orders/${id}`, { signal })),
      );
      return (await Promise.all(all)).flatMap((answer) => answer?.order ?? []);
    },
    placeholderData: (before) => before,
    refetchInterval: POLL_MS,
  });
  const orders = useLastError(read);
  return (
    <div className="space-y-3">
      <Note icon="person" tone="info">
        You order as a guest, so only this browser can show these orders. <TextLink href={signUp} text="Sign up" /> to
        keep later orders with an account.
      </Note>
      <div className="card">
        {known === null ? <Loading label="Loading your orders" /> : null}
        {known?.length === 0 ? <NoOrders /> : null}
        {ids.length > 0 ? <QueryState query={orders} rows={6} what="Your orders" /> : null}
        <Table columns={COLUMNS} keyOf={(order) => order.order_id} rows={orders.data ?? []} stacked />
        {(known?.length ?? 0) > shown ? (
          <Button className="mt-2" onClick={() => setShown(shown + PAGE_SIZE)} small text="Older orders" />
        ) : null}
      </div>
    </div>
  );
}

const NoOrders = () => <EmptyWith href="/shop" link="Place the first" text="You have no orders yet." />;

const COLUMNS: ReadonlyArray<Column<Order>> = [
  ['Order', (order) => <OrderLink id={order.order_id} />],
  ['Status', (order) => <StatusAndReason order={order} />],
  ['Items', itemsInWords],
  ['Placed', (order) => <Time at={order.created_at} />, 'text-muted'],
];
