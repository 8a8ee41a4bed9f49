'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { FirstSession } from './hooks.ts';
import { ApiError } from './http.ts';

const queries = {
  staleTime: 1_000,
  // Only a request without an answer is tried again.
  retry: (failures: number, error: Error) => failures < 2 && error instanceof ApiError && error.status === 0,
  networkMode: 'always',
} as const;

interface Props {
  readonly session: { readonly operator: boolean; readonly password: boolean };
  readonly children: ReactNode;
}

export function Providers({ session, children }: Props) {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries } }));
  return (
    <FirstSession value={session}>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </FirstSession>
  );
}
