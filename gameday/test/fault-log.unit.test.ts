import { describe, expect, it } from 'vitest';
import { FaultLog } from '../src/runner/fault-log.ts';

describe('the fault log', () => {
  it('should end a fault by its opposite, by its expiry, and when it is disarmed', () => {
    let now = 0;
    const log = new FaultLog(() => now);
    const action = (name: string, provider: object) => ({ type: 'action', name, provider }) as never;
    const post = { type: 'http', method: 'POST', url: 'http://x/api/admin/chaos/faults' };
    log.note(action('down', { type: 'process' }), {}, { detail: '', begins: 'stop x' }, 0);
    const fault = { id: 'f1', created_at: '2026-01-01T00:00:00Z', expires_at: '2026-01-01T00:00:10Z' };
    log.note(action('slow', post), { body: { fault } }, undefined, 0);
    log.note(action('lost', post), { body: { fault: { ...fault, id: 'f2' } } }, undefined, 0);
    const state = (faults: object[]) => ({ halt: { halted: false }, faults, replicas: [] }) as never;
    log.update(
      state([
        { id: 'f1', fired: 3 },
        { id: 'f2', fired: 1 },
      ]),
    );
    now = 1_000;
    log.note(action('up', { type: 'process' }), {}, { detail: '', ends: 'stop x' }, 1_000);
    now = 2_000;
    log.update(state([{ id: 'f1', fired: 5 }]));
    now = 12_000;
    log.update(state([]));
    expect(log.active).toEqual([]);
    expect(log.windows).toMatchObject([
      { name: 'down', from: 0, to: 1_000, fired: 1 },
      { name: 'slow', from: 0, to: 10_000, fired: 5 },
      { name: 'lost', from: 0, to: 2_000, fired: 1 },
    ]);
  });
});

describe('a fault that kills', () => {
  const action = (name: string, provider: object) => ({ type: 'action', name, provider }) as never;
  const post = { type: 'http', method: 'POST', url: 'http://x/api/admin/chaos/faults' };
  const armed = { id: 'f1', type: 'crash', service: 'order-service' };
  const dates = { created_at: '2026-01-01T00:00:00Z', expires_at: '2026-01-01T00:00:10Z' };

  /** A log of one crash of the order service; `report` gives it the hits, and the second in which each replica started. */
  function crashing() {
    let now = 0;
    const log = new FaultLog(() => now);
    const report = (at: number, fired: number, ...starts: [replica: string, second: number][]) => {
      now = at;
      const replicas = starts.map(([replica, second]) => ({
        service: replica.startsWith('order') ? 'order-service' : 'inventory-service',
        replica,
        started_at: `2026-01-01T00:00:0${second}.000Z`,
      }));
      log.update({ halt: { halted: false }, faults: [{ id: 'f1', fired }], replicas } as never);
    };
    report(0, 0, ['order-a', 1], ['order-b', 1], ['inventory', 1]);
    log.note(action('it crashes', post), { body: { fault: { ...armed, ...dates } } }, undefined, 1_000);
    const act = (begins: string) => {
      log.note(action(begins, {}), {}, { detail: '', begins }, now);
      return { report };
    };
    return { log, report, act };
  }
  const seen = ({ log }: ReturnType<typeof crashing>) => log.windows[0];

  it('has hit once the later start of a process is seen, however often it fired', () => {
    const run = crashing();
    run.report(2_000, 3, ['order-a', 1], ['order-b', 1]);
    expect(seen(run)).toMatchObject({ fired: 0, deathUnseen: true });
    run.report(3_000, 3, ['order-b', 1]);
    run.report(4_000, 3, ['order-a', 4], ['order-b', 1]);
    expect(seen(run)).toEqual({ name: 'it crashes', kind: 'injected', from: 1_000, fired: 1 });
    run.report(9_000, 3, ['order-a', 4], ['order-b', 9]);
    expect(seen(run)?.fired).toBe(2);
  });

  it('may be seen to have killed after it has ended', () => {
    const run = crashing();
    run.report(2_000, 1, ['order-a', 1]);
    run.log.endAll();
    run.report(8_000, 1, ['order-a', 8]);
    expect(seen(run)).toMatchObject({ fired: 1, to: 2_000 });
    expect(seen(run)).not.toHaveProperty('deathUnseen');
  });

  it.each<[string, (run: ReturnType<typeof crashing>) => void]>([
    ['a process of another service', (run) => run.report(4_000, 1, ['inventory', 4])],
    ['a process that was not there before', (run) => run.report(4_000, 1, ['order-c', 4])],
    ['a process that a command killed', (run) => run.act('kill order-a').report(4_000, 1, ['order-a', 4])],
    ['a process that a command restarted', (run) => run.act('restart order-a').report(4_000, 1, ['order-a', 4])],
    ['a version that does not tell when it started', (run) => run.report(4_000, 1)],
  ])('has not hit when all that is seen is the start of %s', (_what, happen) => {
    const run = crashing();
    run.report(2_000, 1);
    happen(run);
    expect(seen(run)).toMatchObject({ fired: 0, deathUnseen: true });
  });

  it('says nothing about a death while it has not fired', () => {
    const run = crashing();
    run.report(2_000, 0, ['order-a', 2]);
    expect(seen(run)).toEqual({ name: 'it crashes', kind: 'injected', from: 1_000, fired: 0 });
  });

  it.each([
    [true, { fired: 1 }],
    [false, { fired: 0, deathUnseen: true }],
  ])('counts a command by the death that the target saw: %s', async (died, window) => {
    const log = new FaultLog(() => 0);
    const effect = { detail: '', begins: 'kill x', died: Promise.resolve(died), over: Promise.resolve() };
    log.note(action('kill it', {}), {}, effect, 0);
    await Promise.resolve();
    expect(log.windows).toEqual([{ name: 'kill it', kind: 'target', from: 0, to: 0, ...window }]);
  });
});
