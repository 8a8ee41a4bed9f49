import {
  CHAOS_PRESETS,
  type ChaosState,
  type Fault,
  SIMPLE_CHAOS_TARGET,
  type SimpleChaosBody,
} from '@valerix/contracts';

/** The setting of the simple API. */
export type SimpleChaos = ChaosState['chaos'];
type SimpleFault = Pick<Fault, 'service' | 'point' | 'type' | 'match' | 'percentage' | 'params'>;

/**
 * The faults that mean the same as a setting of the simple API; pure.
 * `kill_rate`: the process dies. `crash_rate`: the deduction gets a 500 before it is decided. `partial_failure_rate`: the
 * deduction is committed, then half of the replies are a 500 and half of the connections are cut.
 */
export function draftsOf(body: SimpleChaosBody): SimpleFault[] {
  const half = body.partial_failure_rate / 2;
  const fault = (point: string, type: Fault['type'], rate: number, params: Fault['params'] = {}): SimpleFault[] =>
    rate > 0 ? [{ ...SIMPLE_CHAOS_TARGET, point, type, percentage: rate * 100, params }] : [];
  return [
    ...fault('inbound', 'crash', body.kill_rate),
    ...fault('inbound', 'error', body.crash_rate, { status: 500 }),
    ...fault('inbound', 'latency', body.latency ? 1 : 0, { latency_ms: body.latency_ms }),
    ...fault('after-commit', 'error', half, { status: 500 }),
    // A share of what the error left over, so that both halves are equal and add up.
    ...fault('after-commit', 'reset', half / (1 - half)),
  ];
}

/** The setting that corresponds to the simple API's faults; all off without any. */
export function simpleStateOf(faults: readonly Fault[]): SimpleChaos {
  const find = (point: string, type: Fault['type']) =>
    faults.find((fault) => fault.preset !== undefined && fault.point === point && fault.type === type);
  const rate = (point: string, type: Fault['type']) => (find(point, type)?.percentage ?? 0) / 100;
  const slow = find('inbound', 'latency');
  return {
    latency: slow !== undefined,
    latency_ms: slow?.params.latency_ms ?? 0,
    crash_rate: round(rate('inbound', 'error')),
    kill_rate: round(rate('inbound', 'crash')),
    partial_failure_rate: round(rate('after-commit', 'error') * 2),
  };
}

const round = (rate: number) => Math.round(rate * 1e6) / 1e6;

/** The name of the preset with these values, else `custom`. */
export function presetNameOf(body: SimpleChaosBody): string {
  if (body.kill_rate > 0) return 'custom';
  const same = Object.entries(CHAOS_PRESETS).find(([, preset]) =>
    Object.entries(preset).every(([field, value]) => body[field as keyof SimpleChaosBody] === value),
  );
  return same?.[0] ?? 'custom';
}
