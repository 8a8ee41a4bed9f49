import type { Metadata } from 'next';
import { ShopPage } from '../../src/shop/shop-page.tsx';

export const metadata: Metadata = { title: 'Shop' };

export default function Page() {
  return <ShopPage />;
}
