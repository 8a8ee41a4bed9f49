import type { Alert } from '../live/live-types.ts';
import type { Tone } from '../ui/status.tsx';

/** The severities in this repository's rules, and `critical` for other rules. Any other severity is a warning. */
const TONES: Record<string, Tone> = { page: 'bad', critical: 'bad', info: 'info' };
const RANKS: Partial<Record<Tone, number>> = { bad: 0, warn: 1, info: 2 };

/** Red for an alert that pages an operator, blue for information. */
export const alertTone = ({ severity }: Pick<Alert, 'severity'>): Tone => TONES[severity] ?? 'warn';

/** Critical alerts first and information last; the sort keeps the order within each. */
export function criticalFirst(alerts: readonly Alert[]): Alert[] {
  const rank = (alert: Alert) => RANKS[alertTone(alert)] ?? 1;
  return alerts.toSorted((a, b) => rank(a) - rank(b));
}
