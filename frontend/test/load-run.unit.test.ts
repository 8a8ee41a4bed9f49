import { describe, expect, it } from 'vitest';
import { type LoadDeps, LoadRun, MAX_ORDERS, MAX_UNDER_WAY, outcomeOf } from '../src/load/load-run.ts';

/** A clock that only `sleep` moves. */
function deps(place: LoadDeps['place']): LoadDeps & { now: () => number } {
  let now = 0;
  let made = 0;
  return {
    place,
    makeKey: () => `key-${++made}`,
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    onChange: () => undefined,
  };
}

describe('a run of load', () => {
  it('places each order once, under its own key, items in turn', async () => {
    const placed: string[] = [];
    const run = new LoadRun(
      { orders: 6, per_second: 10, items: ['a', 'b'] },
      deps(async (key, item) => {
        placed.push(`${key}:${item}`);
        return { status: 201, order_id: key };
      }),
    );
    const state = await run.run();
    expect(state).toMatchObject({ answered: 6, running: false, outcomes: { confirmed: 6 } });
    expect(placed).toEqual(['key-1:a', 'key-2:b', 'key-3:a', 'key-4:b', 'key-5:a', 'key-6:b']);
    expect(state.elapsed_ms).toBe(500);
  });

  it('retries under the same key after 429, 503 and silence, and gives up after four tries', async () => {
    const tries = new Map<string, number>();
    const run = new LoadRun(
      { orders: 2, per_second: 50, items: ['a'] },
      deps(async (key) => {
        const count = (tries.get(key) ?? 0) + 1;
        tries.set(key, count);
        const status = key === 'key-1' ? ([503, 0, 202][count - 1] ?? 500) : 429;
        return { status, order_id: 'x' };
      }),
    );
    const state = await run.run();
    expect([...tries]).toEqual([
      ['key-1', 3],
      ['key-2', 4],
    ]);
    expect(state.outcomes).toMatchObject({ queued: 1, busy: 1 });
    expect(state.queued_ids).toEqual(['x']);
    expect(state.retries).toBe(5);
  });

  it('counts the time to an answer from the first try, not from the last', async () => {
    const statuses = [503, 503, 201];
    const run = new LoadRun(
      { orders: 1, per_second: 1, items: ['a'] },
      deps(async () => ({ status: statuses.shift() ?? 500, order_id: null })),
    );
    expect((await run.run()).durations).toEqual([500 + 1000]);
  });

  it('keeps only a few under way and stops when told', async () => {
    let underWay = 0;
    let most = 0;
    const run: LoadRun = new LoadRun(
      { orders: 100, per_second: 50, items: ['a'] },
      deps(async () => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setTimeout(resolve, 1));
        underWay -= 1;
        if (run.state.answered >= 20) run.stop();
        return { status: 201, order_id: null };
      }),
    );
    const state = await run.run();
    expect(most).toBeLessThanOrEqual(MAX_UNDER_WAY);
    expect(state.answered).toBeLessThan(40);
    expect(state.answered).toBe(state.started);
  });

  it('is bounded for any plan', () => {
    const plan = { orders: 1e9, per_second: 1e9, items: ['a'] };
    expect(
      new LoadRun(
        plan,
        deps(async () => ({ status: 201, order_id: null })),
      ).state.target,
    ).toBe(MAX_ORDERS);
  });

  it('names the outcome of each status', () => {
    expect([201, 202, 422, 429, 503, 500, 0].map(outcomeOf)).toEqual([
      'confirmed',
      'queued',
      'refused',
      'busy',
      'unavailable',
      'unknown',
      'unknown',
    ]);
  });
});
