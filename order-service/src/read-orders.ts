import { type ListOrdersQuery, orderId } from '@valerix/contracts';
import type { StoredOrder } from './answers.ts';
import { problem } from './errors.ts';
import type { OrderReadsStore } from './order-reads-store.ts';
import { covers, type Orders } from './ownership.ts';

export interface ReadOrdersDeps {
  reads: Pick<OrderReadsStore, 'find' | 'list' | 'events'>;
}

/** Reads orders and their events. @throws NOT_FOUND, VALIDATION_FAILED for a cursor that this service did not make */
export function createReadOrders({ reads }: ReadOrdersDeps) {
  async function find(id: string, reach: Orders): Promise<StoredOrder> {
    const order = await reads.find(id);
    // The order of someone else is answered as one that does not exist.
    if (!order || !covers(reach, order.placed_by)) throw problem('NOT_FOUND', `There is no order ${id}.`);
    return order;
  }

  return {
    find,

    async events(id: string, reach: Orders) {
      await find(id, reach);
      return reads.events(id);
    },

    /** Newest first. The cursor is opaque to callers. */
    async page(query: ListOrdersQuery, reach: Orders): Promise<{ orders: StoredOrder[]; nextCursor: string | null }> {
      const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
      // One order more than asked for shows whether there is another page.
      const orders = await reads.list({ ...query, limit: query.limit + 1, before, reach });
      const page = orders.slice(0, query.limit);
      const last = page.at(-1);
      return { orders: page, nextCursor: orders.length > page.length && last ? encodeCursor(last.order_id) : null };
    },
  };
}

const encodeCursor = (id: string) => Buffer.from(id).toString('base64url');

function decodeCursor(cursor: string): string {
  const id = orderId.safeParse(Buffer.from(cursor, 'base64url').toString());
  if (id.success) return id.data;
  const message = 'must be a next_cursor that this path returned';
  throw problem('VALIDATION_FAILED', `The cursor ${message}.`, { errors: [{ field: 'cursor', message }] });
}
