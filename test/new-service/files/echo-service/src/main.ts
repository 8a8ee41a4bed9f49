import { startService } from '@valerix/service-kit/service';
import { createServiceApp } from '@valerix/service-kit/service-app';
import { readConfig } from './config.ts';
import { createEchoStore } from './echo-store.ts';
import { openApiDocument } from './openapi.ts';
import { createRoutes } from './routes.ts';

const service = await startService({ key: 'echo', config: readConfig(), tables: ['echoes'] });

const app = createServiceApp(service, {
  checks: service.checks,
  openApi: openApiDocument,
  routes: createRoutes(createEchoStore(service.workPool)),
  translateError: () => undefined,
});

await service.listen(app);
service.ready();
