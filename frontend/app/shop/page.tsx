import type { Metadata } from 'next';

export const metadata: Metadata = { title: 'Shop' };

export { ShopPage as default } from '../../src/shop/shop-page.tsx';
