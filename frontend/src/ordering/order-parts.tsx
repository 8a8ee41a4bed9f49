import type { Order } from '@valerix/contracts';
import Link from 'next/link';
import { shortId } from '../browser/format.ts';
import { Status } from '../ui/status.tsx';
import { ORDER_STATUS } from './order-status.ts';
import { REASONS } from './reasons.ts';

export function OrderStatusBadge({ order }: { order: Pick<Order, 'status' | 'dead_lettered_at'> }) {
  if (order.dead_lettered_at !== null) return <Status tone="bad" word="dead letter" />;
  return <Status {...ORDER_STATUS[order.status].look} />;
}

/** An order's short id, linked to its page. */
export function OrderLink({ id, className = '' }: { id: string; className?: string }) {
  return (
    <Link className={`link font-mono text-sm ${className}`} href={`/orders/${id}`} prefetch={false}>
      {shortId(id)}
    </Link>
  );
}

/** The items of an order in one line: `2 × ps5, 1 × mouse`. */
export const itemsInWords = ({ items }: Pick<Order, 'items'>): string =>
  items.map((one) => `${one.quantity} × ${one.item_id}`).join(', ');

export function StatusAndReason({ order }: { order: Order }) {
  return (
    <>
      <OrderStatusBadge order={order} />
      {order.reason ? <span className="ml-2 text-muted">{REASONS[order.reason]}</span> : null}
    </>
  );
}
