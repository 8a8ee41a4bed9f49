/** The values that need no schema. A page that imports them from here loads no zod, which is 40 kB of compressed JavaScript. */
export * from './header.ts';
export * from './limits.ts';
export * from './order-rules.ts';
export * from './queue-count-limit.ts';
