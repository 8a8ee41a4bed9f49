'use client';

import { useQuery } from '@tanstack/react-query';
import { type InventoryItem, inventoryItem, inventoryList } from '@valerix/contracts';
import { useEffect, useState } from 'react';
import { z } from 'zod';
import { readStored, writeStored } from '../browser/hooks.ts';
import { fetchJson } from '../browser/http.ts';
import { useLastError } from '../browser/use-read.ts';

const STOCK_KEY = 'valerix.items';

/** The items in stock. While they cannot be read, those this browser received last, so that orders can be queued. */
export function useStock() {
  const query = useQuery({
    queryKey: ['inventory'],
    queryFn: async ({ signal }) => {
      const list = await fetchJson(inventoryList, 'GET', '/api/inventory', { signal });
      writeStored(STOCK_KEY, JSON.stringify(list.items));
      return list;
    },
    refetchInterval: 2_000,
  });
  const { data, error, isPending, isError, isSuccess, refetch } = useLastError(query);
  const [kept, setKept] = useState<readonly InventoryItem[]>([]);
  useEffect(() => setKept(loadItems(readStored(STOCK_KEY))), []);
  return {
    items: data?.items ?? kept,
    error,
    isError,
    isSuccess,
    /** Nothing can be shown yet. */
    isPending: isPending && kept.length === 0,
    /** The items are from before, or there are none. */
    isOld: isError || data === undefined,
    refetch,
  };
}

/** The items that were kept in the browser; none if what was kept is something else. */
export function loadItems(text: string | null): readonly InventoryItem[] {
  try {
    return z.array(inventoryItem).parse(JSON.parse(text ?? '[]'));
  } catch {
    return [];
  }
}
