import type { Metadata } from 'next';
import { Suspense } from 'react';
import { OrdersPage } from '../../src/orders/orders-page.tsx';
import { Loading } from '../../src/ui/parts.tsx';

export const metadata: Metadata = { title: 'Orders' };

export default function Page() {
  return (
    <Suspense fallback={<Loading label="Loading orders" />}>
      <OrdersPage />
    </Suspense>
  );
}
