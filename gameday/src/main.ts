import { join } from 'node:path';
import { readLabConfig, runEnv } from './lab/config.ts';
import { startLaboratory } from './lab/laboratory.ts';

/** `node gameday/src/main.ts`: starts the laboratory. */
const config = readLabConfig();
await startLaboratory({ config, cli: join(import.meta.dirname, 'cli.ts'), env: runEnv(config) });
