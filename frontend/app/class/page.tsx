import type { Metadata } from 'next';
import { Suspense } from 'react';
import { ClassPage } from '../../src/class/class-page.tsx';

export const metadata: Metadata = { title: 'Class' };

export default function Page() {
  return (
    <Suspense>
      <ClassPage />
    </Suspense>
  );
}
