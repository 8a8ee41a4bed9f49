import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { FAULT_TYPES, type FaultParams, type FaultType } from '@valerix/contracts';
import { afterEach, expect, it, vi } from 'vitest';
import type { FaultKind } from '../../src/chaos/fault-kind.ts';
import { FAULT_KINDS } from '../../src/chaos/fault-types.ts';
import { InjectedFault, InjectedReset } from '../../src/chaos/injected.ts';
import { aFault } from './a-fault.ts';

afterEach(() => void vi.restoreAllMocks());

async function fire(type: FaultType, params: FaultParams = {}, turn = 1, draw = 0, over = false) {
  const waits: number[] = [];
  const told: string[] = [];
  const kind: FaultKind = FAULT_KINDS[type];
  const failure = await Promise.resolve(
    kind.fire({
      fault: aFault({ service: 'inventory-service', type, params }),
      turn,
      draw,
      wait: async (ms) => void waits.push(ms),
      standStill: async (ms) => void told.push(`stands still for ${ms} ms`),
      over: () => over,
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
  expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGVTALRM');
});

it('the parent of a container knows a crash by its signal', () => {
  const parent = readFileSync(new URL('../../src/process-one.sh', import.meta.url), 'utf8');
  expect(parent).toContain(`KILLED_BY_A_FAULT=${128 + constants.signals.SIGVTALRM}\n`);
});

it('crash spares a process whose fault has ended meanwhile', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  await fire('crash', {}, 1, 0, true);
  expect(kill).not.toHaveBeenCalled();
});

it('crash spares a process that is younger than the interval: 15 s unless set', () => {
  const spared = (uptimeSeconds: number, params: FaultParams = {}) => {
    vi.spyOn(process, 'uptime').mockReturnValue(uptimeSeconds);
    return FAULT_KINDS.crash.spares(aFault({ type: 'crash', params }));
  };
  expect([spared(14.9), spared(15)]).toEqual([true, false]);
  expect([spared(1.9, { min_interval_ms: 2_000 }), spared(2, { min_interval_ms: 2_000 })]).toEqual([true, false]);
  expect(spared(0, { min_interval_ms: 0 })).toBe(false);
});

it('hang holds the process for as long as it says, once its marks are safe', async () => {
  expect((await fire('hang', { hang_ms: 60 })).told).toEqual(['told', 'stands still for 60 ms']);
});

it('dependency-refuse looks like an address where nothing listens', async () => {
  expect((await thrown('dependency-refuse')).failure).toMatchObject({ code: 'ECONNREFUSED' });
});
