import { defineConfig } from 'vitest/config';

/** A test file says in its name what kind it is. */
const tests = (kind: string) => [`{packages/*,*}/test/**/*.${kind}.test.ts`, `test/**/*.${kind}.test.ts`];

const common = { environment: 'node', pool: 'forks' } as const;

export default defineConfig({
  test: {
    // Vitest leaves one core free; on the two of a small machine that is half of it.
    maxWorkers: '100%',
    projects: [
      {
        // Pure code: no server, no database, seconds.
        test: { ...common, name: 'unit', include: tests('unit') },
      },
      {
        // The real app over real PostgreSQL and Redis; the other service is a socket the test controls.
        test: {
          ...common,
          name: 'component',
          include: tests('component'),
          globalSetup: ['./test/servers.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The dashboard of a real system in a real browser: waits most of the time, so two at a time.
        test: {
          ...common,
          name: 'browser',
          include: tests('browser'),
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Real processes, real faults, the invariants at the end. One at a time: each owns the machine.
        test: {
          ...common,
          name: 'system',
          include: tests('system'),
          sequence: { groupOrder: 2 },
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
