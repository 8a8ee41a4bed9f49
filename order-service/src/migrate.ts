import { join } from 'node:path';
import { migrate } from '@valerix/service-kit/migrate';
import { readMigrationConfig } from './config.ts';

const folder = join(import.meta.dirname, '../migrations');

await migrate({
  ...readMigrationConfig(),
  folder,
  log: (line) => process.stdout.write(`order-service: ${line}\n`),
});
