import type { Metadata } from 'next';

export const metadata: Metadata = { title: "Schrödinger's warehouse" };

export { DemoPage as default } from '../../../src/demo/demo-page.tsx';
