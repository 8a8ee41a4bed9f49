import type { Metadata } from 'next';
import { OverviewPage } from '../src/overview/overview-page.tsx';

// The template of the layout is for the pages below this one.
export const metadata: Metadata = { title: 'Overview · Valerix' };

export default function Page() {
  return <OverviewPage />;
}
