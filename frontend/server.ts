import { existsSync } from 'node:fs';

// Starts the built dashboard: `node frontend/server.ts`. Next's standalone server listens at HOSTNAME, which containers
// and shells set to something else, so here HOST decides.
const built = new URL('./.next/standalone/frontend/server.js', import.meta.url);
if (!existsSync(built)) {
  process.stderr.write('The dashboard is not built. Run `npm run build -w frontend`.\n');
  process.exit(1);
}
// biome-ignore lint/style/noProcessEnv: Next's own server reads its address only from here
process.env.HOSTNAME = process.env.HOST || '127.0.0.1';
await import(built.href);
