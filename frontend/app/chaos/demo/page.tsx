import type { Metadata } from 'next';
import { DemoPage } from '../../../src/demo/demo-page.tsx';

export const metadata: Metadata = { title: "Schrödinger's warehouse" };

export default function Page() {
  return <DemoPage />;
}
