import type { Metadata } from 'next';
import { InventoryPage } from '../../src/inventory/inventory-page.tsx';

export const metadata: Metadata = { title: 'Inventory' };

export default function Page() {
  return <InventoryPage />;
}
