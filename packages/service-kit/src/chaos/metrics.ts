import { FAULT_TYPES, type FaultType } from '@valerix/contracts';
import { Counter, Gauge } from 'prom-client';
import type { Registry } from '../metrics.ts';
import type { Armed } from './injector.ts';

/** `chaos_enabled{type}`, read from memory at each scrape, and `chaos_events_total{type}`. */
export function chaosMetrics(registry: Registry, inForce: () => readonly Armed[]) {
  new Gauge({
    name: 'chaos_enabled',
    help: 'Faults of this type in force in this process.',
    labelNames: ['type'],
    registers: [registry],
    collect() {
      for (const type of FAULT_TYPES) this.set({ type }, inForce().filter(({ fault }) => fault.type === type).length);
    },
  });
  const events = new Counter({
    name: 'chaos_events_total',
    help: 'Faults injected by this process.',
    labelNames: ['type'],
    registers: [registry],
  });
  for (const type of FAULT_TYPES) events.inc({ type }, 0);
  return { fired: (type: FaultType) => events.inc({ type }) };
}
