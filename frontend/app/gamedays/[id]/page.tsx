import type { Metadata } from 'next';
import { NoLaboratory } from '../../../src/gamedays/no-laboratory.tsx';
import { RunPage } from '../../../src/gamedays/run-page.tsx';
import { dashboard } from '../../../src/server/dashboard.ts';

export const metadata: Metadata = { title: 'Game day' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return dashboard().config.laboratoryUrl === null ? <NoLaboratory /> : <RunPage id={decodeURIComponent(id)} />;
}
