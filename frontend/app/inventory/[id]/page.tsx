import type { Metadata } from 'next';
import { ItemPage } from '../../../src/inventory/item-page.tsx';

export const metadata: Metadata = { title: 'Item' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <ItemPage id={(await params).id} />;
}
