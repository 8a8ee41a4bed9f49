import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** A test file says in its name what kind it is. */
const tests = (kind: string) => [`{packages/*,*}/test/**/*.${kind}.test.ts`, `test/**/*.${kind}.test.ts`];

const common = {
  environment: 'node',
  pool: 'forks',
  // Vitest's own limits, 1 s and 5 s, are missed on a busy machine.
  expect: { poll: { timeout: 15_000 } },
  testTimeout: 30_000,
  // The tests start hundreds of processes of the same few programs: each would strip and compile all of its modules again.
  env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node') },
} as const;
/** For tests that start processes. */
const starting = { ...common, setupFiles: './test/support/end-with-worker.ts' } as const;
// A hook may build the dashboard: on a machine that is busy with other work, that took two minutes.
const patient = { testTimeout: 240_000, hookTimeout: 300_000 } as const;

export default defineConfig({
  test: {
    // Component tests also wait: with a worker per core, a third of the processor's time is left.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      {
        // Pure code: no server, no database, seconds.
        test: { ...common, name: 'unit', include: tests('unit') },
      },
      {
        // The real app over real PostgreSQL and Redis; the services that it calls are sockets the test controls.
        test: {
          ...starting,
          name: 'component',
          include: tests('component'),
          globalSetup: ['./test/servers.ts'],
          // Some take 20 s on two cores.
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Real processes, used as people use them. These wait more than they work, so two at a time.
        test: {
          ...starting,
          ...patient,
          name: 'system',
          include: tests('system'),
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
        },
      },
      {
        // Real processes under load or against the clock, real faults, the invariants at the end: each owns the machine.
        test: {
          ...starting,
          ...patient,
          name: 'load',
          include: tests('load'),
          sequence: { groupOrder: 2 },
          fileParallelism: false,
        },
      },
    ],
  },
});
