import { readConfig } from './config.ts';
import { startOrderService } from './start-order-service.ts';

await startOrderService(readConfig());
