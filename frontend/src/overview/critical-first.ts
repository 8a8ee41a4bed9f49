import type { Alert } from '../live/live-types.ts';
import type { Tone } from '../ui/status.tsx';

/** The severities of this repository's rules, and the `critical` of others'. What is not listed is in between. */
const TONES: Record<string, Tone> = { page: 'bad', critical: 'bad', info: 'info' };
const RANKS: Partial<Record<Tone, number>> = { bad: 0, warn: 1, info: 2 };

/** Red for what has to wake somebody, blue for what is only worth knowing. */
export function alertTone({ severity }: Pick<Alert, 'severity'>): Tone {
  return TONES[severity] ?? 'warn';
}

/** The alerts with the critical ones in front and the informative ones last; otherwise as they came. */
export function criticalFirst(alerts: readonly Alert[]): Alert[] {
  const rank = (alert: Alert) => RANKS[alertTone(alert)] ?? 1;
  return [...alerts].sort((a, b) => rank(a) - rank(b));
}
