import { readConfig } from './config.ts';
import { startInventoryService } from './start-inventory-service.ts';

await startInventoryService(readConfig());
