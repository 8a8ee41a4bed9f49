import type { useStock } from '../shop/use-shop.ts';
import { Empty, Failure, Loading } from '../ui/parts.tsx';

/** What is to be said above the items: that they are on their way, cannot be read, or are from before. */
export function StockNotice({
  stock,
  label,
  rows,
}: {
  stock: ReturnType<typeof useStock>;
  label: string;
  rows: number;
}) {
  const { items, error, isPending, isError, isSuccess, isOld, refetch } = stock;
  return (
    <>
      {isPending ? <Loading label={label} rows={rows} /> : null}
      {isError ? <Failure error={error} retry={() => void refetch()} what="The stock" /> : null}
      {isOld && items.length > 0 ? (
        <p className="mt-1 mb-3 text-muted">Shown below is what was received last.</p>
      ) : null}
      {isSuccess && items.length === 0 ? <Empty>The warehouse has no items.</Empty> : null}
    </>
  );
}
