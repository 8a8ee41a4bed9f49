import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { type CellResult, replays, runCell } from './run-cell.ts';
import { allCells, matrix } from './sweep-cells.ts';
import { type SweepStack, startSweepStack } from './sweep-stack.ts';

const STACKS = 4;
/** `TOKENS=all` on demand: 404 cells instead of 264. */
const EVERY_TOKEN = process.env.TOKENS === 'all';

it('whatever breaks once at whichever crash point, every invariant holds', { timeout: 400_000 }, async () => {
  const started = performance.now();
  const cells = allCells(EVERY_TOKEN);
  const waiting = [...cells];
  const results: CellResult[] = [];

  /** One fault at a time in a stack, so that whatever goes wrong has one cause. */
  async function sweep(): Promise<void> {
    const lab = await startSweepStack();
    try {
      const own: CellResult[] = [];
      for (let cell = waiting.shift(); cell; cell = waiting.shift()) own.push(await runCell(lab, cell));
      await replayWithoutRedis(lab, own);
      results.push(...own);
    } finally {
      await lab.stop();
    }
  }

  await Promise.all(Array.from({ length: STACKS }, sweep));
  const bad = results.filter(({ problems }) => problems.length > 0);
  console.log(
    [
      matrix(results.map(({ cell, problems }) => ({ cell, sign: problems.length === 0 ? 'ok' : 'BAD' }))),
      `${results.length} cells in ${Math.round((performance.now() - started) / 1000)} s, ${bad.length} bad`,
    ].join('\n'),
  );
  expect(bad.map(({ cell, problems }) => ({ ...cell, problems }))).toEqual([]);
  expect(results.length).toBe(cells.length);
});

/** I11: with Redis wiped, every key still has its first answer. */
async function replayWithoutRedis(lab: SweepStack, results: CellResult[]): Promise<void> {
  const redis = new Redis(lab.stack.redisUrl);
  await redis.flushall();
  redis.disconnect();
  for (const result of results) {
    if (result.answer) await replays(lab, result);
  }
}
