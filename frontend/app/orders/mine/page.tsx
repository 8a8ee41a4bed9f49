import type { Metadata } from 'next';
import { MyOrdersPage } from '../../../src/orders/my-orders-page.tsx';

export const metadata: Metadata = { title: 'My orders' };

export default function Page() {
  return <MyOrdersPage />;
}
