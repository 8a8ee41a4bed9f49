import { basename } from 'node:path';
import { declaration, type ServiceName, serviceKey } from '@valerix/system';
import { processEnv } from './config.ts';

/** The health check of an image, run in the folder of its service: exits with 0 when the service is ready. */
const { port } = declaration(serviceKey(basename(process.cwd()) as ServiceName));
const answer = await fetch(`http://127.0.0.1:${processEnv().PORT || port}/readyz`).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
