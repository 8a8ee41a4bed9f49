import { join } from 'node:path';
import { migrate } from '@valerix/service-kit/migrate';

await migrate('identity', join(import.meta.dirname, '../migrations'));
