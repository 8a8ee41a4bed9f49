import { ORDER_STATUSES, type OrderStatus } from '@valerix/contracts';
import type { Customers } from './customers.ts';
import { closePools, type Exchanged, exchange, openPools } from './exchange.ts';
import { type History, type HistoryLine, NO_ORDER, type PageAsked, type ReadKind, tenths } from './history.ts';
import { random } from './random.ts';
import { indexOf, type PlannedRead } from './schedule.ts';

/** An order that readers look at. */
export interface WatchedOrder {
  op: number;
  key: string;
  orderId: string;
}

/**
 * Connections to each replica: for readers, and for clients that follow an order. Orders have connections of their own, because an
 * outage makes many followers, and these must delay neither orders nor readers.
 */
const READERS = 8;
const FOLLOWERS = 32;
/** The most reads at once; more are not sent. */
export const MAX_READS = 64;
/** Readers look at the most recent of the watched orders, so that several readers see the same order while it moves. */
const WATCHED = 16;
const PAGE = 20;

interface ReaderOptions {
  /** The addresses of each service, one per replica. */
  services: Record<'order' | 'inventory', { urls: string[] }>;
  /** Shows readers the keys of all orders, also with ACCESS=closed. */
  operatorToken: string;
  /** An order is looked up by its key in the name of the customer who placed it. */
  customers: Customers;
  history: History;
  timeoutMs: number;
  seed: number;
  /** The keys of the run start with it. */
  prefix: string;
  /** Items whose stock is read. */
  items: readonly string[];
  /** Milliseconds since the start of the run. */
  now: () => number;
}

export type Reader = ReturnType<typeof createReader>;

/** Reads from all replicas in turn, each read once, and writes down what was asked when, and what was seen. */
export function createReader(options: ReaderOptions) {
  const { services, operatorToken, customers, history, timeoutMs, seed, prefix, items, now } = options;
  const asOperator = { authorization: `Bearer ${operatorToken}` };
  const pools = {
    order: openPools(services.order.urls, READERS),
    inventory: openPools(services.inventory.urls, READERS),
    follower: openPools(services.order.urls, FOLLOWERS),
  };
  const watched: WatchedOrder[] = [];

  /** @returns also the body, if the answer was one to the question */
  async function read<B>(
    what: ReadKind,
    from: { of: keyof typeof pools; replica: number; path: string; op?: number; key?: string | undefined },
    seen: (body: B) => Partial<HistoryLine>,
  ): Promise<Omit<Exchanged, 'text'> & { body?: B }> {
    const { of, path, op = NO_ORDER, key } = from;
    const replica = from.replica % pools[of].length;
    const sent = tenths(now());
    const { text, ...reply } = await exchange(pools[of], replica, {
      method: 'GET',
      path,
      timeoutMs,
      headers: of === 'inventory' ? {} : { ...asOperator, ...(key && customers.headersOf(key)) },
    });
    const line = { t: tenths(now()), op, f: 'read' as const, what, sent, replica, status: reply.status };
    const write = (more: Pick<HistoryLine, 'type'> & Partial<HistoryLine>) => history.write({ ...line, ...more });
    try {
      if (reply.status === 200) {
        const body = JSON.parse(text ?? '') as B;
        write({ type: 'ok', ...seen(body) });
        return { ...reply, body };
      }
      // "There is none" is an answer about an order too.
      if (reply.status === 404 && what === 'order') write({ type: 'ok' });
      else write({ type: reply.status === 0 ? 'unknown' : 'fail', error: reply.error ?? `${reply.status}` });
    } catch {
      write({ type: 'unknown', error: 'the answer cannot be read' });
    }
    return reply;
  }

  /** @returns also the order's status, if it was told */
  async function readOrder({ op, orderId }: Omit<WatchedOrder, 'key'>, replica: number, of: 'order' | 'follower') {
    const path = `/api/orders/${orderId}`;
    const reply = await read<OrderBody>('order', { of, replica, path, op }, ({ order }) => ({ state: order.status }));
    return { ...reply, state: reply.body?.order.status };
  }

  async function readPages(replica: number, asked: PageAsked & { key?: string }, pages: number): Promise<void> {
    const { key, ...page } = asked;
    const query = new URLSearchParams({ limit: `${PAGE}` });
    if (page.status) query.set('status', page.status);
    if (key) query.set('idempotency_key', key);
    for (let n = 0; n < pages; n++) {
      const from = { of: 'order' as const, replica: replica + n, path: `/api/orders?${query}`, key };
      const body = (await read<PageBody>('page', from, (seen) => seenOn(seen, page))).body;
      const last = body?.items.at(-1);
      if (!body?.next_cursor || !last) return;
      query.set('cursor', body.next_cursor);
      page.before = last.order_id;
    }
  }

  function seenOn({ items, next_cursor }: PageBody, page: PageAsked): Partial<HistoryLine> {
    const last = next_cursor === null ? undefined : items.at(-1)?.order_id;
    return {
      page: { ...page, ...(last && { last }) },
      orders: items.flatMap(({ idempotency_key, status }): [number, OrderStatus][] => {
        const op = indexOf(prefix, idempotency_key);
        return op === undefined ? [] : [[op, status]];
      }),
    };
  }

  const readStock = (replica: number, item: string | undefined) =>
    read<StockBody>(
      'stock',
      { of: 'inventory', replica, path: item ? `/api/inventory/${item}` : '/api/inventory' },
      (body) => ({
        stock: Object.fromEntries(
          ('item' in body ? [body.item] : body.items).map((one) => [one.item_id, [one.quantity, one.taken_quantity]]),
        ),
      }),
    );

  return {
    /** Lets readers look at an order from now on. */
    watch(order: WatchedOrder): void {
      watched.push(order);
      if (watched.length > WATCHED) watched.shift();
    },

    /** A look of a client that follows its order. */
    follow: (order: Omit<WatchedOrder, 'key'>, replica: number) => readOrder(order, replica, 'follower'),

    /** Carries out one planned read: half of them of an order, a quarter of pages, a fifth of stock, the rest of the queue. */
    async run({ index }: Pick<PlannedRead, 'index'>): Promise<void> {
      const next = random(seed, 'read', index);
      const one = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)];
      const kind = next();
      const order = one(watched);
      if (kind < 0.5) return void (order && (await readOrder(order, index, 'order')));
      if (kind < 0.7) return readPages(index, { ...status(one(FILTERS)) }, next() < 0.5 ? 1 : 2);
      if (kind < 0.75) return void (order && (await readPages(index, { key: order.key, of: order.op }, 1)));
      if (kind < 0.95) return void (await readStock(index, next() < 0.7 ? one(items) : undefined));
      await read<QueueBody>('queue', { of: 'order', replica: index, path: '/api/queue' }, ({ queue }) => ({
        depth: queue.depth,
      }));
    },

    close: () => closePools(Object.values(pools).flat()),
  };
}

/** Most readers want the newest orders of any status. */
const FILTERS = [...ORDER_STATUSES, ...ORDER_STATUSES.map(() => undefined)];
const status = (wanted: OrderStatus | undefined) => (wanted ? { status: wanted } : {});

interface OrderBody {
  order: { status: string };
}
interface PageBody {
  items: { order_id: string; idempotency_key: string; status: OrderStatus }[];
  next_cursor: string | null;
}
interface ItemBody {
  item_id: string;
  quantity: number;
  taken_quantity: number;
}
type StockBody = { item: ItemBody } | { items: ItemBody[] };
interface QueueBody {
  queue: { depth: number };
}
