/** The work that passes a failpoint. Each field is optional; an absent one matches no condition. */
export interface FaultContext {
  order_id?: string | undefined;
  item_ids?: readonly string[] | undefined;
  /** The number of the attempt at this order, from 1: each retry gets its own decision. */
  attempt?: number | undefined;
  /** Replaces the order id before the order has one. */
  idempotency_key?: string | undefined;
  /** Read-only work: a fault that hits it leaves no mark on the order's timeline. */
  reads?: boolean | undefined;
  method?: string | undefined;
  /** The paths that this work matches. */
  paths?: readonly string[] | undefined;
  headers?: Readonly<Record<string, string | string[] | undefined>> | undefined;
}
