import type { Metadata } from 'next';
import { ChaosPage } from '../../src/chaos/chaos-page.tsx';
import { RunningLoad } from '../../src/load/running-load.tsx';

export const metadata: Metadata = { title: 'Chaos' };

export default function Page() {
  return <ChaosPage notice={<RunningLoad />} />;
}
