import type { Metadata } from 'next';

export const metadata: Metadata = { title: 'Load' };

export { LoadPage as default } from '../../src/load/load-page.tsx';
