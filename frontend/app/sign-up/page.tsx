import type { Metadata } from 'next';
import { Suspense } from 'react';
import { SignUpPage } from '../../src/signin/sign-up-page.tsx';

export const metadata: Metadata = { title: 'Sign up' };

export default function Page() {
  return (
    <Suspense>
      <SignUpPage />
    </Suspense>
  );
}
