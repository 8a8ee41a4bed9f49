import type { ServiceKey } from '@valerix/system';
import type { BreakerState } from '../live/live-types.ts';
import { serviceWords } from '../live/services.ts';
import type { Tone } from '../ui/status.tsx';
import { overallHealth } from './service-health.ts';

export const BREAKER_TONES: Record<BreakerState, Tone> = { closed: 'ok', open: 'bad', 'half-open': 'warn' };

/** What a breaker's state means now. A closed one may not have noticed yet that the service is down, or nothing was sent. */
export function breakerWords(
  state: BreakerState,
  to: ServiceKey,
  called: Parameters<typeof overallHealth>[0] | undefined,
): string {
  const name = serviceWords(to);
  if (state === 'open') return `The ${name} is not called; orders are queued instead.`;
  if (state === 'half-open') return `One call tests whether the ${name} is back.`;
  const word = called === undefined ? '' : overallHealth(called).word;
  if (word === 'down') return `Calls to the ${name} are sent, but it is down: enough of them open the breaker.`;
  if (word === 'failing') return `Calls to the ${name} are sent, and many of them fail.`;
  return `Calls to the ${name} are sent.`;
}
