/** Header names, spelled the same in every service. */
export const HEADER = {
  idempotencyKey: 'idempotency-key',
  idempotentReplayed: 'idempotent-replayed',
  orderToken: 'order-token',
  requestId: 'x-request-id',
  deadlineMs: 'x-request-deadline-ms',
  attempt: 'x-request-attempt',
  traceparent: 'traceparent',
} as const;
