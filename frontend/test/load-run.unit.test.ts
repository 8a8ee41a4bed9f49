import { describe, expect, it } from 'vitest';
import { type LoadDeps, LoadRun, MAX_UNDER_WAY, outcomeOf } from '../src/server/load-run.ts';

/** A clock that only sleeping moves; sleepers wake in the order of their times. */
function clocked(place: LoadDeps['place']) {
  let now = 0;
  let made = 0;
  const sleepers: Array<{ at: number; wake: () => void }> = [];
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const deps: LoadDeps = {
    place,
    makeKey: () => `key-${++made}`,
    now: () => now,
    sleep: (ms) => new Promise((wake) => sleepers.push({ at: now + ms, wake })),
  };
  /** Lets time pass until the run ends, or to this moment. */
  const pass = async (run: LoadRun, untilMs = Number.POSITIVE_INFINITY) => {
    for (await settle(); run.view.running; await settle()) {
      sleepers.sort((a, b) => a.at - b.at);
      const next = sleepers[0];
      if (next === undefined || next.at > untilMs) break;
      sleepers.shift();
      now = next.at;
      next.wake();
    }
    if (Number.isFinite(untilMs)) now = untilMs;
  };
  return { deps, pass };
}

function start(plan: { orders: number; per_second: number; items: string[] }, place: LoadDeps['place']) {
  const { deps, pass } = clocked(place);
  const run = new LoadRun(plan, deps);
  setImmediate(() => void run.run());
  return { run, deps, pass: (untilMs?: number) => pass(run, untilMs) };
}

describe('a run of load', () => {
  it('places each order once, under its own key, items in turn', async () => {
    const placed: string[] = [];
    const { run, pass } = start({ orders: 6, per_second: 10, items: ['a', 'b'] }, async (key, item) => {
      placed.push(`${key}:${item}`);
      return { status: 201, order_id: key };
    });
    await pass();
    expect(run.view).toMatchObject({ answered: 6, running: false, outcomes: { confirmed: 6 }, elapsed_ms: 500 });
    expect(placed).toEqual(['key-1:a', 'key-2:b', 'key-3:a', 'key-4:b', 'key-5:a', 'key-6:b']);
  });

  it('sends each order when it is due, however slow the answers are, and counts the time from then', async () => {
    const sentAt: number[] = [];
    const { run, deps, pass } = start({ orders: 50, per_second: 50, items: ['a'] }, async () => {
      sentAt.push(deps.now());
      await deps.sleep(3_000);
      return { status: 201, order_id: null };
    });
    await pass();
    expect(sentAt).toEqual(Array.from({ length: 50 }, (_, index) => index * 20));
    expect(run.view).toMatchObject({ p50_ms: 3_000, p95_ms: 3_000, due: 50 });
  });

  it('says how many orders it did not send, because too many were waiting', async () => {
    const { run, pass } = start(
      { orders: MAX_UNDER_WAY + 10, per_second: 200, items: ['a'] },
      () => new Promise(() => undefined),
    );
    await pass(10_000);
    expect(run.view).toMatchObject({ due: MAX_UNDER_WAY + 10, answered: 0, outcomes: { unsent: 10 } });
  });

  it('retries under the same key after 429, 503 and silence, and gives up after four tries', async () => {
    const tries = new Map<string, number>();
    const { run, pass } = start({ orders: 2, per_second: 50, items: ['a'] }, async (key) => {
      const count = (tries.get(key) ?? 0) + 1;
      tries.set(key, count);
      return { status: key === 'key-1' ? ([503, 0, 202][count - 1] ?? 500) : 429, order_id: 'x' };
    });
    await pass();
    expect([...tries]).toEqual([
      ['key-1', 3],
      ['key-2', 4],
    ]);
    expect(run.view).toMatchObject({ retries: 5, outcomes: { queued: 1, busy: 1 } });
  });

  it('tells of each second what was asked and what was answered', async () => {
    const { run, pass } = start({ orders: 30, per_second: 10, items: ['a'] }, async () => ({
      status: 201,
      order_id: null,
    }));
    await pass(999);
    expect(run.takeSecond()).toEqual({ asked: 10, answered: 10, p95_ms: 0 });
    await pass();
    expect(run.takeSecond()).toMatchObject({ asked: 20, answered: 20 });
    expect(run.takeSecond()).toBeNull();
  });

  it('stops when it is told to, and still waits for the orders under way', async () => {
    const { run, deps, pass } = start({ orders: 1_000, per_second: 10, items: ['a'] }, async () => {
      await deps.sleep(500);
      return { status: 201, order_id: null };
    });
    await pass(950);
    run.stop();
    expect(run.view).toMatchObject({ stopping: true, running: true });
    await pass();
    expect(run.view).toMatchObject({ stopping: false, running: false, due: 10, answered: 10 });
  });

  it('follows its queued orders, also one that settled before its 202 was read', async () => {
    const { run, deps, pass } = start({ orders: 3, per_second: 10, items: ['a'] }, async (key) => {
      if (key === 'key-1') run.heard('of-key-1', 'confirmed');
      await deps.sleep(10);
      return { status: 202, order_id: `of-${key}` };
    });
    await pass();
    run.heard('of-key-2', 'failed');
    run.heard('of-key-2', 'failed');
    run.heard('of-key-3', undefined);
    run.heard('of-another', 'confirmed');
    expect(run.view.settled).toEqual({ confirmed: 1, refused: 1, waiting: 1 });
  });

  it('names every status', () => {
    expect([201, 202, 422, 400, 429, 503, 500, 0].map(outcomeOf)).toEqual([
      'confirmed',
      'queued',
      'refused',
      'refused',
      'busy',
      'unavailable',
      'unknown',
      'unknown',
    ]);
  });
});
