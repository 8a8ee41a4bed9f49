import {
  type Query,
  type QueryKey,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query';
import { useState } from 'react';
import { fetchJson, type SendOptions } from './http.ts';

interface ReadOptions<T> {
  readonly params?: NonNullable<SendOptions['params']>;
  readonly enabled?: boolean;
  readonly staleTime?: number;
  /** The polling interval in milliseconds; `false` for never. */
  readonly every?: number | false | ((query: Query<T>) => number | false);
}

/** Reads a resource through the dashboard server, and polls it if `every` is set. */
export function useRead<T>(queryKey: QueryKey, path: string, options: ReadOptions<T> = {}) {
  const { params = {}, enabled = true, staleTime, every = false } = options;
  const query = useQuery<T>({
    queryKey,
    enabled,
    queryFn: ({ signal }) => fetchJson<T>('GET', path, { signal, params }),
    refetchInterval: every,
    ...(staleTime === undefined ? {} : { staleTime }),
  });
  return useLastError(query);
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

interface PagesOptions extends Pick<ReadOptions<unknown>, 'params' | 'enabled'> {
  /** The size of a page; a shorter page is the last. */
  readonly limit?: number;
  /** The parameter that carries the cursor. */
  readonly cursor?: string;
  readonly every?: number;
}

/** Reads a list page by page; `items` holds all pages read so far. */
export function usePages<P extends Page<unknown>>(queryKey: QueryKey, path: string, options: PagesOptions) {
  const { params, limit, cursor = 'cursor', enabled = true, every = false } = options;
  const query = useInfiniteQuery({
    queryKey,
    enabled,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      fetchJson<P>('GET', path, { signal, params: { ...params, limit, [cursor]: pageParam } }),
    getNextPageParam: (page) => (page.items.length < (limit ?? 0) ? undefined : (page.next_cursor ?? undefined)),
    refetchInterval: every,
  });
  return { ...useLastError(query), items: (query.data?.pages.flatMap((page) => page.items) ?? []) as P['items'] };
}

/** Keeps a query failed until a try succeeds; TanStack Query calls it pending during each new try. */
export function useLastError<Q extends UseQueryResult | UseInfiniteQueryResult>(query: Q): Q {
  const [last, setLast] = useState<Error | null>(null);
  if (query.error !== null && query.error !== last) setLast(query.error);
  if (!query.isPending || query.errorUpdateCount === 0 || last === null) return query;
  return { ...query, status: 'error', error: last, isError: true, isPending: false };
}
