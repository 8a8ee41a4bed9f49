import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';

const config: NextConfig = {
  output: 'standalone',
  // The workspace root, because the packages are outside this folder.
  outputFileTracingRoot: fileURLToPath(new URL('..', import.meta.url)),
  turbopack: { root: fileURLToPath(new URL('..', import.meta.url)) },
  // Next's own check needs the compiler API of TypeScript 5 or 6, which TypeScript 7 lacks. `npm run types` checks.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
};

// Next reads its configuration from the default export.
export default config;
