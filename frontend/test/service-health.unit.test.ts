import type { Health } from '@valerix/contracts';
import { describe, expect, it } from 'vitest';
import type { LiveState } from '../src/live/live-types.ts';
import { isInstalled } from '../src/live/services.ts';
import { queueTone } from '../src/overview/service-cards.tsx';
import { errorTone, overallHealth, tileLevel } from '../src/overview/service-health.ts';

const service = (error_rate: number | null, status: Health['status'] | null = 'up') => ({
  error_rate,
  replicas: [{ url: 'http://a', up: true, error: null }],
  health: {
    value: status === null ? null : ({ status, service: 'order-service', checks: {} } as unknown as Health),
    age_ms: 100,
    error: null,
  },
});

describe('the health of a service', () => {
  it('is never good while its requests fail, whatever its health check says', () => {
    expect(overallHealth(service(1))).toEqual({ tone: 'bad', word: 'failing' });
    expect(overallHealth(service(1, 'degraded'))).toEqual({ tone: 'bad', word: 'failing' });
    expect(overallHealth(service(0.05))).toEqual({ tone: 'warn', word: 'some errors' });
    expect(overallHealth(service(0.01))).toEqual({ tone: 'ok', word: 'up' });
  });

  it("is its health check's while no request ends, and unknown before the first check", () => {
    expect(overallHealth(service(null, 'degraded'))).toEqual({ tone: 'warn', word: 'degraded' });
    expect(overallHealth(service(null, 'down'))).toEqual({ tone: 'bad', word: 'down' });
    expect(overallHealth(service(null, null))).toMatchObject({ tone: 'unknown' });
    expect(errorTone(null)).toBe('unknown');
  });
});

describe('a service without an address', () => {
  it('is not installed, so no page shows it as down', () => {
    const last = { services: { order: service(0), payment: { ...service(null, null), replicas: [] } } };
    const keys = ['order', 'payment'] as const;
    expect(keys.map((key) => isInstalled(last as unknown as LiveState, key))).toEqual([true, false]);
    expect(keys.map((key) => isInstalled(null, key))).toEqual([true, true]);
  });
});

describe('the tile of the response time', () => {
  it('is not green while many requests fail, however fast', () => {
    expect(tileLevel(4, 1)).toBe('failing');
    expect(tileLevel(4, 0)).toBe('ok');
    expect(tileLevel(null, null)).toBe('unknown');
  });
});

describe('the queue', () => {
  it('is not green while the number of dead letters is unknown', () => {
    const queue = { depth: 0, oldest_age_seconds: 0, dead_lettered: 0 };
    expect(queueTone(queue).tone).toBe('ok');
    expect(queueTone({ ...queue, dead_lettered: null }).tone).toBe('unknown');
    expect(queueTone({ ...queue, dead_lettered: null, depth: 1 }).word).toBe('waiting');
    expect(queueTone({ ...queue, dead_lettered: 1, depth: 1 }).word).toBe('dead letters');
    expect(queueTone(null).tone).toBe('unknown');
  });
});
