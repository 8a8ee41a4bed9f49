import { counter, fromZero, type Registry } from '@valerix/service-kit/metrics';

export type Metrics = ReturnType<typeof createMetrics>;

/** The metrics of this service, beside those of every service. */
export function createMetrics(registry: Registry) {
  const signIns = counter(registry, 'identity_sign_ins_total', 'Sign-ins, by outcome.', ['outcome']);
  return {
    signIns: fromZero(signIns, 'outcome', ['succeeded', 'failed']),
    signUps: counter(registry, 'identity_sign_ups_total', 'Sign-ups, with an email that has an account or not.'),
    reused: counter(
      registry,
      'identity_refresh_tokens_reused_total',
      'Sessions ended because a refresh token was used a second time.',
    ),
  };
}
