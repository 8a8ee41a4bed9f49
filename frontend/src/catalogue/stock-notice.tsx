import { Empty, QueryState } from '../ui/parts.tsx';
import type { useStock } from './use-stock.ts';

/** Says that the items below are loading, cannot be read, or are old. */
export function StockNotice({ stock, rows }: { stock: ReturnType<typeof useStock>; rows: number }) {
  const { items, isSuccess, isOld } = stock;
  return (
    <>
      <QueryState query={stock} rows={rows} what="The stock" />
      {isOld && items.length > 0 ? (
        <p className="mt-1 mb-3 text-muted">The items below were received earlier.</p>
      ) : null}
      {isSuccess && items.length === 0 ? <Empty>The inventory service has no items.</Empty> : null}
    </>
  );
}
