import type { Metadata } from 'next';
import { LoadPage } from '../../src/load/load-page.tsx';

export const metadata: Metadata = { title: 'Load' };

export default function Page() {
  return <LoadPage />;
}
