import { join } from 'node:path';
import { readLabConfig, runEnv } from './config.ts';
import { startLaboratory } from './laboratory.ts';

/** `node gameday/src/lab/main.ts`: starts the laboratory. */
await startLaboratory({ config: readLabConfig(), cli: join(import.meta.dirname, '../cli.ts'), env: runEnv() });
