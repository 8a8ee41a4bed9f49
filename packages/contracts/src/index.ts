/** Everything on the wire between the browser and the services. Safe to import in a browser. */
export * from './chaos.ts';
export * from './commands.ts';
export * from './commit-position.ts';
export * from './failpoints.ts';
export * from './gamedays.ts';
export * from './http.ts';
export * from './identity.ts';
export * from './integrity.ts';
export * from './inventory.ts';
export * from './money.ts';
export * from './orders.ts';
export * from './payments.ts';
export * from './percentile.ts';
export * from './queue.ts';
export * from './queue-count-limit.ts';
export * from './read-line.ts';
