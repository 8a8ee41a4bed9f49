import { useQuery } from '@tanstack/react-query';
import { type InventoryItem, inventoryItem, inventoryList, readLine } from '@valerix/contracts';
import { useEffect, useState } from 'react';
import { z } from 'zod';
import { readStored, writeStored } from '../browser/hooks.ts';
import { fetchJson } from '../browser/http.ts';
import { useLastError } from '../browser/use-read.ts';

const STOCK_KEY = 'valerix.items';

/** The items with their stock. While they cannot be read, these are the last received ones, which can still be ordered. */
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
  const { data, isPending, ...rest } = useLastError(query);
  const [kept, setKept] = useState<readonly InventoryItem[]>([]);
  useEffect(() => setKept(loadItems(readStored(STOCK_KEY))), []);
  return {
    ...rest,
    items: data?.items ?? kept,
    isPending: isPending && kept.length === 0,
    /** Whether the items are old or missing. */
    isOld: rest.isError || data === undefined,
  };
}

/** Reads the items from stored text; none if the text is not valid. */
export const loadItems = (text: string | null): readonly InventoryItem[] =>
  readLine(z.array(inventoryItem), text ?? '') ?? [];
