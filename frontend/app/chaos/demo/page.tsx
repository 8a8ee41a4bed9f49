import type { Metadata } from 'next';

export { DemoPage as default } from '../../../src/demo/demo-page.tsx';

export const metadata: Metadata = { title: "Schrödinger's warehouse" };
