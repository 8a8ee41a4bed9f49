import { migrate } from '@valerix/service-kit/migrate';
import { readMigrationConfig } from './config.ts';

const folder = new URL('../migrations', import.meta.url).pathname;

await migrate({
  ...readMigrationConfig(),
  folder,
  log: (line) => process.stdout.write(`inventory-service: ${line}\n`),
});
