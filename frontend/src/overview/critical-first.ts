import type { Alert } from '../live/live-types.ts';

/** The alerts with the critical ones in front; otherwise as they came. */
export function criticalFirst(alerts: readonly Alert[]): Alert[] {
  const rank = (alert: Alert) => (alert.severity === 'critical' ? 0 : 1);
  return [...alerts].sort((a, b) => rank(a) - rank(b));
}
