import type { Health } from '@valerix/contracts';
import { type ResponseTimeLevel, responseTimeLevel } from '../live/average-response-time.ts';
import type { ServiceView } from '../live/live-types.ts';
import { type Look, type Tone, UNKNOWN } from '../ui/status.tsx';

/** Above this share of failed requests some users suffer (amber). */
const ERRORS_WARN_ABOVE = 0.01;
/** Above this share the service is failing its users (red). */
const ERRORS_BAD_ABOVE = 0.1;

export const HEALTH_TONES: Record<'up' | 'degraded' | 'down', Tone> = { up: 'ok', degraded: 'warn', down: 'bad' };

/** The colour of a share of failed requests; unknown if no request ended. */
export function errorTone(rate: number | null): Tone {
  if (rate === null) return 'unknown';
  if (rate > ERRORS_BAD_ABOVE) return 'bad';
  return rate > ERRORS_WARN_ABOVE ? 'warn' : 'ok';
}

/** Whether the dashboard server has asked the service yet; right after its start it has not. */
export function wasRead({ replicas }: Pick<ServiceView, 'replicas'>): boolean {
  return replicas.some((one) => one.up || one.error !== null);
}

export interface ServiceHealth extends Pick<ServiceView, 'replicas' | 'error_rate'> {
  readonly health: { readonly value: Pick<Health, 'status'> | null; readonly error: string | null };
}

/**
 * Unknown before the first answer, and down if the service does not answer. Otherwise the worse of its health check and
 * its error rate, because a service can report "up" and fail every request.
 */
export function overallHealth(service: ServiceHealth): Look {
  const { value, error } = service.health;
  const anyUp = service.replicas.some((one) => one.up);
  if (!wasRead(service)) return UNKNOWN;
  if (!anyUp && error !== null) return { tone: 'bad', word: 'down' };
  const errors = errorTone(service.error_rate);
  if (errors === 'bad' && value?.status !== 'down') return { tone: 'bad', word: 'failing' };
  if (value === null || error !== null) return UNKNOWN;
  if (errors === 'warn' && value.status === 'up') return { tone: 'warn', word: 'some errors' };
  return { tone: HEALTH_TONES[value.status], word: value.status };
}

/** The level of the response time tile: failing fast is not healthy. */
export function tileLevel(averageMs: number | null, errorRate: number | null): ResponseTimeLevel | 'failing' {
  const level = responseTimeLevel(averageMs);
  return level !== 'unknown' && errorTone(errorRate) === 'bad' ? 'failing' : level;
}
