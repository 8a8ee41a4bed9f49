import type { Metadata } from 'next';
import { ComparePage } from '../../../src/gamedays/compare-page.tsx';
import { NoLaboratory } from '../../../src/gamedays/no-laboratory.tsx';
import { dashboard } from '../../../src/server/dashboard.ts';

export const metadata: Metadata = { title: 'Two game days' };

type Query = Promise<Record<string, string | string[] | undefined>>;

export default async function Page({ searchParams }: { searchParams: Query }) {
  if (dashboard().config.laboratoryUrl === null) return <NoLaboratory />;
  const { a, b } = await searchParams;
  return <ComparePage first={String(a ?? '')} second={String(b ?? '')} />;
}
