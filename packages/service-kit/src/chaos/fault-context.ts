/** What is known about the work that passes a failpoint. Everything is optional; what is absent matches no condition. */
export interface FaultContext {
  order_id?: string | undefined;
  item_ids?: readonly string[] | undefined;
  /** Which attempt at this order it is, from 1: a retry gets a decision of its own. */
  attempt?: number | undefined;
  /** Stands in for the order id while there is none. */
  idempotency_key?: string | undefined;
  /** Only looks: a fault that hits it is no part of the order's story, and leaves no mark. */
  reads?: boolean | undefined;
  method?: string | undefined;
  /** The paths this work answers to; one that fits is enough. */
  paths?: readonly string[] | undefined;
  headers?: Readonly<Record<string, string | string[] | undefined>> | undefined;
}
