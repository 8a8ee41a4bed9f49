import { defineConfig } from 'vitest/config';

// The unit tests of one target; `MUTATED_TESTS` names them.
export default defineConfig({
  test: {
    environment: 'node',
    include: (process.env.MUTATED_TESTS ?? '').split(' '),
    setupFiles: ['./test/mutation/fixed-seed.ts'],
  },
});
