import type { Metadata } from 'next';

export { LoadPage as default } from '../../src/load/load-page.tsx';

export const metadata: Metadata = { title: 'Load' };
