'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { FirstSession, type SessionView } from './hooks.ts';
import { ApiError } from './http.ts';

function makeClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1_000,
        // An answer is final; only silence is worth another try.
        retry: (failures, error) => failures < 2 && error instanceof ApiError && error.status === 0,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}

export function Providers({ session, children }: { session: SessionView; children: ReactNode }) {
  const [client] = useState(makeClient);
  return (
    <FirstSession value={session}>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </FirstSession>
  );
}
