/** The clients of a game day, for tests that need load without an experiment. */
export { workloadSchema } from '../experiment/valerix-extension.ts';
export { generate } from './generate.ts';
export { createOrderApi, type OrderApi, type Reply } from './order-api.ts';
export { type Operation as PlannedOrder, schedule } from './schedule.ts';
