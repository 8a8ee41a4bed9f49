import { join } from 'node:path';
import { migrate } from '@valerix/service-kit/migrate';

await migrate('echo', join(import.meta.dirname, '../migrations'));
