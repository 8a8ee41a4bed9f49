import type { Fault } from '@valerix/contracts';

/** A fault that hits everything that comes to its point, but for the change. */
export const aFault = (change: Partial<Fault> = {}): Fault => ({
  id: 'f1',
  service: 'order-service',
  point: 'inbound',
  type: 'error',
  match: {},
  percentage: 100,
  params: {},
  seed: 1,
  created_by: 'test',
  reason: 'test',
  created_at: '2026-01-01T00:00:00Z',
  expires_at: '2026-01-01T00:05:00Z',
  ...change,
});
