import type { Metadata } from 'next';

export { InventoryPage as default } from '../../src/inventory/inventory-page.tsx';

export const metadata: Metadata = { title: 'Inventory' };
