/** The clients of a game day, for tests and simulations that need load without an experiment. */
export { workloadSchema } from '../experiment/valerix-extension.ts';
export { runClient } from './client.ts';
export { GUESTS } from './customers.ts';
export { generate } from './generate.ts';
export { type HistoryLine, NO_ORDER } from './history.ts';
export { createOrderApi, type OrderApi, type Reply } from './order-api.ts';
export { random } from './random.ts';
export { createReader } from './reader.ts';
export { type Operation as PlannedOrder, type PlannedRead, schedule, scheduleReads } from './schedule.ts';
