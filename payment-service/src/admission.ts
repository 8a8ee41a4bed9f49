/** The routes that read payments and ledger, and share the readers' places (I13). */
export const READ_ROUTES = [
  'GET /api/payments',
  'GET /api/payments/open',
  'GET /api/payments/reconciliation',
  'GET /api/payments/:order_id',
];
