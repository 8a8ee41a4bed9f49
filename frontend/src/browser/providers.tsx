'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { FirstSession, SESSION_KEY, type SessionView } from './hooks.ts';
import { ApiError, onUnauthorized } from './http.ts';

const queries = {
  staleTime: 1_000,
  // Only a request without an answer is tried again.
  retry: (failures: number, error: Error) => failures < 2 && error instanceof ApiError && error.status === 0,
  networkMode: 'always',
} as const;

interface Props {
  readonly session: SessionView;
  readonly children: ReactNode;
}

export function Providers({ session, children }: Props) {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries } }));
  useEffect(
    () =>
      onUnauthorized(() => {
        // The session may have ended since it was last read. A guest has none to end.
        const { data, dataUpdatedAt = 0 } = client.getQueryState<SessionView>(SESSION_KEY) ?? {};
        const isNew = Date.now() - dataUpdatedAt < 5_000;
        if (data?.name && !isNew) void client.invalidateQueries({ queryKey: SESSION_KEY });
      }),
    [client],
  );
  return (
    <FirstSession value={session}>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </FirstSession>
  );
}
