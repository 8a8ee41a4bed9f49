import { describe, expect, it } from 'vitest';
import { LoadStore, type LoadStoreDeps } from '../src/load/load-store.ts';

/** A clock that only `sleep` moves. */
function deps(given: Partial<LoadStoreDeps>): LoadStoreDeps {
  let now = 0;
  let made = 0;
  return {
    place: async (key) => ({ status: 201, ms: 1, order_id: key }),
    statusOf: async () => 'confirmed',
    makeKey: () => `key-${++made}`,
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    ...given,
  };
}

describe('the load of a tab', () => {
  it('survives a change of page, and shows its outcome on return', async () => {
    let leave: () => void = () => undefined;
    const place: LoadStoreDeps['place'] = async (key) => {
      if (key === 'key-3') leave();
      return { status: 201, ms: 1, order_id: key };
    };
    const store = new LoadStore(deps({ place }));
    let drawn = 0;
    leave = store.subscribe(() => {
      drawn += 1;
    });
    const ended = store.start({ orders: 50, per_second: 10, items: ['a'] });
    expect(store.get().state).toMatchObject({ running: true, answered: 0 });
    await ended;
    expect(store.get().state).toMatchObject({ running: false, answered: 50, outcomes: { confirmed: 50 } });
    expect(drawn).toBeLessThan(10);
  });

  it('shows a stop at once, and ends once the orders under way are answered', async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const place: LoadStoreDeps['place'] = (key) => answered.then(() => ({ status: 201, order_id: key }));
    const store = new LoadStore(deps({ place }));
    const ended = store.start({ orders: 50, per_second: 10, items: ['a'] });
    store.stop();
    expect(store.get().state).toMatchObject({ running: true, stopping: true });
    answer();
    await ended;
    expect(store.get().state).toMatchObject({ running: false, stopping: false, answered: 1 });
  });

  it('follows the queued orders until each is settled', async () => {
    const asked = new Map<string, number>();
    const store = new LoadStore(
      deps({
        place: async (key) => ({ status: 202, ms: 1, order_id: key }),
        statusOf: async (id) => {
          const times = (asked.get(id) ?? 0) + 1;
          asked.set(id, times);
          if (times === 1) return id === 'key-1' ? null : 'queued';
          return id === 'key-2' ? 'failed' : 'confirmed';
        },
      }),
    );
    await store.start({ orders: 30, per_second: 50, items: ['a'] });
    expect(store.get().settled).toEqual({ confirmed: 29, refused: 1, waiting: 0 });
  });

  it('allows one run at a time, and a new run forgets the queued orders of the last', async () => {
    const held: Array<() => void> = [];
    let placed = 0;
    const store = new LoadStore(
      deps({
        place: async (key) => ({ status: ++placed === 1 ? 202 : 201, ms: 1, order_id: key }),
        statusOf: async () => 'queued',
        sleep: () => new Promise((resolve) => void held.push(resolve)),
      }),
    );
    const plan = { orders: 1, per_second: 1, items: ['a'] };
    const first = store.start(plan);
    await store.start(plan);
    expect(placed).toBe(1);
    while (held.length === 0) await new Promise(setImmediate);
    expect(store.get().settled).toEqual({ confirmed: 0, refused: 0, waiting: 1 });
    await store.start(plan);
    held[0]?.();
    await first;
    expect(store.get()).toMatchObject({ settled: null, state: { answered: 1, outcomes: { confirmed: 1 } } });
  });
});
