import { CHAOS_PRESETS, type ChaosState, type Fault, type SimpleChaosBody } from '@valerix/contracts';

/** What the simple API says of chaos. */
export type SimpleChaos = ChaosState['chaos'];
type SimpleFault = Pick<Fault, 'service' | 'point' | 'type' | 'match' | 'percentage' | 'params'>;

const DEDUCTIONS = { method: 'POST', route: '/api/inventory/deduct' };

/**
 * The faults that mean the same as a setting of the simple API; pure. All hit deductions alone, order by order.
 * A crash is real: at 30 % the warehouse is down most of the time. Partial failure: the deduction is committed, then half of
 * the replies are an error and half of the connections die.
 */
export function draftsOf({ latency, latency_ms, crash_rate, partial_failure_rate }: SimpleChaosBody): SimpleFault[] {
  const shared = { service: 'inventory-service', match: DEDUCTIONS } as const;
  const half = partial_failure_rate / 2;
  return [
    ...(crash_rate > 0
      ? [{ ...shared, point: 'inbound', type: 'crash' as const, percentage: crash_rate * 100, params: {} }]
      : []),
    ...(latency
      ? [{ ...shared, point: 'inbound', type: 'latency' as const, percentage: 100, params: { latency_ms } }]
      : []),
    ...(half > 0
      ? [
          { ...shared, point: 'after-commit', type: 'error' as const, percentage: half * 100, params: { status: 500 } },
          // Decided about what the error left over, so that both halves are equal and add up.
          {
            ...shared,
            point: 'after-commit',
            type: 'reset' as const,
            percentage: (half / (1 - half)) * 100,
            params: {},
          },
        ]
      : []),
  ];
}

/** The setting the simple API's faults amount to; all off when there are none. */
export function simpleStateOf(faults: readonly Fault[]): SimpleChaos {
  const own = faults.filter(({ preset }) => preset !== undefined);
  const percentage = (type: Fault['type']) => own.find((fault) => fault.type === type)?.percentage ?? 0;
  const slow = own.find(({ type }) => type === 'latency');
  return {
    latency: slow !== undefined,
    latency_ms: slow?.params.latency_ms ?? 0,
    crash_rate: round(percentage('crash') / 100),
    partial_failure_rate: round((percentage('error') / 100) * 2),
  };
}

const round = (rate: number) => Math.round(rate * 1e6) / 1e6;

/** The name of the preset with these values, else `custom`. */
export function presetNameOf(body: SimpleChaosBody): string {
  const same = Object.entries(CHAOS_PRESETS).find(([, preset]) =>
    Object.entries(preset).every(([field, value]) => body[field as keyof SimpleChaosBody] === value),
  );
  return same?.[0] ?? 'custom';
}
