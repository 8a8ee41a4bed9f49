import type { Fault } from '@valerix/contracts';
import { expect, it, vi } from 'vitest';
import { createInjector } from '../../src/chaos/injector.ts';
import type { Turn } from '../../src/chaos/turns.ts';
import { withFailpoints } from '../../src/chaos/wrap.ts';
import { aFault } from './a-fault.ts';

const fault = (change: Partial<Fault> = {}) => aFault({ point: 'a', ...change });

function setUp(turns: Turn[] = []) {
  const send = vi.fn();
  const take = vi.fn(async () => turns.shift() ?? ('skip' as const));
  const injector = createInjector({
    service: 'order-service',
    replica: 'r1',
    points: ['a', 'b'] as const,
    turns: { take },
    marks: { send, sent: async () => {} },
  });
  const arm = (...faults: Fault[]) => injector.load(faults.map((one) => ({ fault: one, remainingMs: 60_000 })));
  const hit = (context = {}) =>
    injector.hit(injector.point('a'), context).then(
      () => 'passed',
      () => 'failed',
    );
  return { injector, arm, hit, send, take };
}

it('nothing armed: the point is null, and the decorated step is the step', async () => {
  const { injector } = setUp();
  const context = vi.fn();
  const step = withFailpoints(injector, async (n: number) => n + 1, { before: 'a', after: 'b', context });
  expect(injector.point('a').armed).toBeNull();
  expect(await step(1)).toBe(2);
  expect(context).not.toHaveBeenCalled();
});

it('a fault fires at its point alone, is counted, and leaves a mark on the order', async () => {
  const { injector, arm, hit, send } = setUp();
  arm(fault());
  expect(injector.point('b').armed).toBeNull();
  expect(await hit({ order_id: 'o1' })).toBe('failed');
  expect(injector.state()).toMatchObject([{ id: 'f1', matched: 1, fired: 1 }]);
  expect(send).toHaveBeenCalledExactlyOnceWith(
    { fault_id: 'f1', type: 'error', point: 'a', service: 'order-service', replica: 'r1' },
    { order_id: 'o1' },
  );
});

it('a fault of another service is not for this process', () => {
  const { injector, arm } = setUp();
  arm(fault({ service: 'inventory-service' }));
  expect(injector.point('a').armed).toBeNull();
});

it('before and after a step: what fails before leaves the step undone, what fails after does not undo it', async () => {
  const { injector, arm } = setUp();
  const work = vi.fn(async () => 'done');
  const step = withFailpoints(injector, work, { before: 'a', after: 'b', context: () => ({}) });
  arm(fault());
  await expect(step()).rejects.toThrow();
  expect(work).toHaveBeenCalledTimes(0);
  arm(fault({ id: 'f2', point: 'b' }));
  await expect(step()).rejects.toThrow();
  expect(work).toHaveBeenCalledTimes(1);
});

it('ending a fault lets go of what it held', async () => {
  const { injector, arm, hit } = setUp();
  arm(fault({ type: 'latency', params: { latency_ms: 60_000 } }));
  const held = hit();
  injector.load([]);
  expect(await held).toBe('passed');
  expect(injector.point('a').armed).toBeNull();
});

it('a lease that runs out ends the fault without anybody saying so', async () => {
  const { injector, hit } = setUp();
  injector.load([{ fault: fault(), remainingMs: 20 }]);
  await vi.waitFor(() => expect(injector.point('a').armed).toBeNull(), 15_000);
  expect(await hit()).toBe('passed');
});

it('loading the same fault again neither renews its lease nor forgets its counts', async () => {
  const { injector, hit } = setUp();
  injector.load([{ fault: fault(), remainingMs: 1_000 }]);
  await hit();
  expect(injector.load([{ fault: fault(), remainingMs: 60_000 }])).toBe(false);
  expect(injector.state()[0]).toMatchObject({ fired: 1 });
  expect(injector.state()[0]?.remaining_ms).toBeLessThanOrEqual(1_000);
});

it('only a counted fault asks whose turn it is, and only when it matches', async () => {
  const { injector, arm, hit, take } = setUp(['skip', 1, 'exhausted']);
  arm(fault());
  await hit();
  expect(take).not.toHaveBeenCalled();
  arm(fault({ id: 'f2', max_hits: 1, match: { item_id: 'ps5' } }));
  expect(await hit({ item_ids: ['xbox'] })).toBe('passed');
  expect(take).not.toHaveBeenCalled();
  const ps5 = { item_ids: ['ps5'] };
  expect([await hit(ps5), await hit(ps5), await hit(ps5), await hit(ps5)]).toEqual([
    'passed',
    'failed',
    'passed',
    'passed',
  ]);
  // Once exhausted it asks no more.
  expect(take).toHaveBeenCalledTimes(3);
  expect(injector.takeCounts().get('f2')).toEqual({ matched: 3, fired: 1 });
  expect(injector.takeCounts().size).toBe(0);
});

it('faults at one point happen in the order in which they were armed', async () => {
  const { arm, hit, injector } = setUp();
  arm(fault({ id: 'f1', type: 'latency', params: { latency_ms: 0 } }), fault({ id: 'f2' }));
  expect(await hit()).toBe('failed');
  expect(injector.state().map(({ fired }) => fired)).toEqual([1, 1]);
  arm(fault({ id: 'f3' }), fault({ id: 'f4', type: 'latency', params: { latency_ms: 0 } }));
  await hit();
  expect(injector.state().map(({ fired }) => fired)).toEqual([1, 0]);
});

it('a step that works for many orders is hit by each of them', async () => {
  const { injector, arm, send } = setUp();
  arm(fault({ match: { order_id: 'o2' } }));
  const step = withFailpoints(injector, async (_ids: string[]) => 'done', {
    before: 'a',
    context: (ids) => ids.map((order_id) => ({ order_id })),
  });
  expect(await step(['o1', 'o3'])).toBe('done');
  await expect(step(['o1', 'o2'])).rejects.toThrow();
  expect(send.mock.calls.map(([, context]) => context)).toEqual([{ order_id: 'o2' }]);
});

it('a fault that spares this process takes no turn', async () => {
  const { arm, hit, take, injector } = setUp([1]);
  arm(fault({ type: 'crash', max_hits: 1, params: { min_interval_ms: 60_000 } }));
  vi.spyOn(process, 'uptime').mockReturnValue(59);
  expect(await hit()).toBe('passed');
  expect(take).not.toHaveBeenCalled();
  expect(injector.state()).toMatchObject([{ matched: 1, fired: 0 }]);
});
