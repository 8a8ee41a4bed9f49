import type { Metadata } from 'next';

export const metadata: Metadata = { title: 'Inventory' };

export { InventoryPage as default } from '../../src/inventory/inventory-page.tsx';
