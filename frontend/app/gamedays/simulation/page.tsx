import type { Metadata } from 'next';
import { SimulatedRun } from '../../../src/gamedays/simulated-run.tsx';

export const metadata: Metadata = { title: 'A simulated run' };

export default function Page() {
  return <SimulatedRun />;
}
