import { join } from 'node:path';
import { readLabConfig, runEnv } from '../../src/lab/config.ts';
import { startLaboratory } from '../../src/lab/laboratory.ts';

// The laboratory itself, with runs that break nothing.
const cli = join(import.meta.dirname, 'stub-cli.ts');
const config = readLabConfig();
console.log(`PORT ${await startLaboratory({ config, cli, env: runEnv(config) })}`);
