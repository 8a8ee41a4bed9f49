/** Next calls this once when the server starts. Sampling begins before the first browser connects. */
export async function register(): Promise<void> {
  // Not in config.ts: Next replaces this expression at build time, to leave Node's modules out of its edge bundle.
  // biome-ignore lint/style/noProcessEnv: see above
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { dashboard } = await import('./src/server/dashboard.ts');
  dashboard();
}
