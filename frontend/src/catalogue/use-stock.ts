import type { InventoryItem, inventoryList } from '@valerix/contracts';
import { useEffect, useState } from 'react';
import type { AnswerOf } from '../browser/http.ts';
import { readStored, writeStored } from '../browser/storage.ts';
import { usePages } from '../browser/use-read.ts';

const STOCK_KEY = 'valerix.items';
/** Items read at once. A page with more of them asks for the next ones. */
const PAGE = 100;

/**
 * The first items of the catalogue with their stock, and more once `fetchNextPage` was called. While they cannot be read, these are
 * the last received ones, which can still be ordered.
 */
export function useStock() {
  const { data, items, isPending, ...rest } = usePages<AnswerOf<typeof inventoryList>>(
    ['inventory'],
    '/api/inventory',
    {
      limit: PAGE,
      every: 2_000,
    },
  );
  const [kept, setKept] = useState<readonly InventoryItem[]>([]);
  useEffect(() => setKept(loadItems(readStored(STOCK_KEY))), []);
  const first = data?.pages[0]?.items;
  useEffect(() => {
    if (first) writeStored(STOCK_KEY, JSON.stringify(first));
  }, [first]);
  return {
    ...rest,
    items: data ? items : kept,
    isPending: isPending && kept.length === 0,
    /** Whether the items are old or missing. */
    isOld: rest.isError || data === undefined,
  };
}

/** Reads the items from stored text; none if the text is not valid. */
export function loadItems(text: string | null): readonly InventoryItem[] {
  try {
    const items = JSON.parse(text ?? '') as InventoryItem[];
    return items.every((one) => typeof one.item_name === 'string' && Number.isInteger(one.quantity + one.price_cents))
      ? items
      : [];
  } catch {
    return [];
  }
}
