/** The routes that read stock and ledger, and share the readers' places (I13). */
export const READ_ROUTES = [
  'GET /api/inventory',
  'GET /api/inventory/ledger',
  'GET /api/decisions/:order_id',
  'GET /api/inventory/:item_id',
];
