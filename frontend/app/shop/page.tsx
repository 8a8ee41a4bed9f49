import type { Metadata } from 'next';

export { ShopPage as default } from '../../src/shop/shop-page.tsx';

export const metadata: Metadata = { title: 'Shop' };
