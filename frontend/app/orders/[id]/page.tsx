import type { Metadata } from 'next';
import { OrderPage } from '../../../src/orders/order-page.tsx';

export const metadata: Metadata = { title: 'Order' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <OrderPage id={(await params).id} />;
}
