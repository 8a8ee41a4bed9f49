import type { FaultKind } from '../fault-kind.ts';

/**
 * The process dies at once: SIGKILL, so nothing is flushed, closed or handed over. Only the mark that tells of it is given a
 * moment to leave, because nobody could write it afterwards.
 */
export const crash = {
  type: 'crash',
  params: [],
  async fire({ lastWords }) {
    await lastWords();
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => {});
  },
} as const satisfies FaultKind;
