import type { UseInfiniteQueryResult, UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';

/**
 * The query, failed for as long as its tries fail. By itself a query without data is pending again at each new try, so
 * that what is wrong would show for a moment only.
 */
export function useLastError<Q extends UseQueryResult | UseInfiniteQueryResult>(query: Q): Q {
  const [last, setLast] = useState<Error | null>(null);
  if (query.error !== null && query.error !== last) setLast(query.error);
  if (!query.isPending || query.errorUpdateCount === 0 || last === null) return query;
  return { ...query, status: 'error', error: last, isError: true, isPending: false };
}
