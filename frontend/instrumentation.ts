/** Called once by Next when the server starts: sampling begins before the first browser comes. */
export async function register(): Promise<void> {
  // Written out here, and not in config.ts, because Next replaces it at build time to leave Node's modules out of the
  // bundle it makes for the edge runtime.
  // biome-ignore lint/style/noProcessEnv: see above
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { dashboard } = await import('./src/server/dashboard.ts');
  dashboard();
}
