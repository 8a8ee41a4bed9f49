/** The routes that read charges and books, and share the readers' places (I13). */
export const READ_ROUTES = ['GET /api/charges/:reference', 'GET /api/books'];
