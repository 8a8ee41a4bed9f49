import { FAULT_TYPES, type FaultParams, type FaultType } from '@valerix/contracts';
import { afterEach, expect, it, vi } from 'vitest';
import type { FaultKind } from '../../src/chaos/fault-kind.ts';
import { FAULT_KINDS } from '../../src/chaos/fault-types.ts';
import { InjectedFault, InjectedReset } from '../../src/chaos/injected.ts';
import { aFault } from './a-fault.ts';

afterEach(() => void vi.restoreAllMocks());

async function fire(type: FaultType, params: FaultParams = {}, turn = 1, draw = 0) {
  const waits: number[] = [];
  const told: string[] = [];
  const kind: FaultKind = FAULT_KINDS[type];
  const failure = await Promise.resolve(
    kind.fire({
      fault: aFault({ service: 'inventory-service', type, params }),
      turn,
      draw,
      wait: async (ms) => void waits.push(ms),
      told: async () => void told.push('told'),
      lastWords: async () => void told.push('last words'),
    }),
  ).catch((error: unknown) => error);
  return { waits, told, failure };
}
const thrown = (type: FaultType, params?: FaultParams) =>
  fire(type, params).catch((error) => ({ failure: error, waits: [], told: [] }));

it('every type of the contract has a kind of its own name', () => {
  expect(Object.entries(FAULT_KINDS).map(([name, kind]) => [name, kind.type])).toEqual(FAULT_TYPES.map((t) => [t, t]));
});

it.each(['latency', 'dependency-slow'] as const)('%s waits: fixed, drawn from a range, or in turn', async (type) => {
  expect((await fire(type, { latency_ms: 250 })).waits).toEqual([250]);
  expect((await fire(type, { latency_ms: 100, latency_max_ms: 200 }, 1, 0)).waits).toEqual([100]);
  expect((await fire(type, { latency_ms: 100, latency_max_ms: 200 }, 1, 0.999)).waits).toEqual([200]);
  const inTurn = [1, 2, 3, 4].map(async (turn) => (await fire(type, { pattern_ms: [10, 0, 30] }, turn)).waits[0]);
  expect(await Promise.all(inTurn)).toEqual([10, 0, 30, 10]);
});

it('error fails the step with the status that was asked for, 500 unless said', async () => {
  const { failure } = await thrown('error', { status: 503 });
  expect(failure).toBeInstanceOf(InjectedFault);
  expect((failure as InjectedFault).entry.status).toBe(503);
  expect(((await thrown('error')).failure as InjectedFault).entry.status).toBe(500);
});

it('reset cuts the connection', async () => {
  expect((await thrown('reset')).failure).toBeInstanceOf(InjectedReset);
});

it('drop-response says nothing for ten seconds at most, and then nothing for ever', async () => {
  const { waits, failure } = await fire('drop-response');
  expect(waits).toEqual([10_000]);
  expect(failure).toBeInstanceOf(InjectedReset);
});

it('crash kills the process with its last words and nothing else', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const result = await Promise.race([
    fire('crash'),
    new Promise((resolve) => setTimeout(resolve, 20, 'never returns')),
  ]);
  expect(result).toBe('never returns');
  expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGKILL');
});

it('hang blocks the event loop for as long as it says', async () => {
  const start = performance.now();
  let ticked = false;
  setTimeout(() => {
    ticked = true;
  }, 5);
  const { told } = await fire('hang', { hang_ms: 60 });
  expect(performance.now() - start).toBeGreaterThanOrEqual(59);
  expect([ticked, told]).toEqual([false, ['told']]);
});

it('dependency-refuse looks like an address where nothing listens', async () => {
  expect((await thrown('dependency-refuse')).failure).toMatchObject({ code: 'ECONNREFUSED' });
});
