// Loaded before a service (node --import): it never gets to its own SIGTERM handler.
if (process.argv[1]?.endsWith('main.ts')) {
  process.on('SIGTERM', () => {
    for (;;);
  });
}
