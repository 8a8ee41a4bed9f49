import { z } from 'zod';

// The fields of PodChaos and NetworkChaos (chaos-mesh.org/v1alpha1) as Chaos Mesh documents them; others are refused.

const selector = z.strictObject({
  namespaces: z.array(z.string()).min(1),
  labelSelectors: z.record(z.string(), z.string()),
});
const duration = z.string().regex(/^\d+(ms|s|m|h)$/);
const percentage = z.string().regex(/^\d{1,3}(\.\d+)?$/);
const who = { mode: z.enum(['one', 'all', 'fixed', 'fixed-percent', 'random-max-percent']), selector };

const metadata = z.strictObject({ name: z.string(), namespace: z.literal('valerix') });

const podChaos = z.strictObject({
  apiVersion: z.literal('chaos-mesh.org/v1alpha1'),
  kind: z.literal('PodChaos'),
  metadata,
  spec: z.discriminatedUnion('action', [
    z.strictObject({ action: z.literal('pod-kill'), gracePeriod: z.number().int().min(0).optional(), ...who }),
    z.strictObject({ action: z.literal('pod-failure'), duration, ...who }),
  ]),
});

const network = {
  ...who,
  duration,
  direction: z.enum(['to', 'from', 'both']),
  target: z.strictObject(who),
};

const networkChaos = z.strictObject({
  apiVersion: z.literal('chaos-mesh.org/v1alpha1'),
  kind: z.literal('NetworkChaos'),
  metadata,
  spec: z.discriminatedUnion('action', [
    z.strictObject({
      action: z.literal('delay'),
      delay: z.strictObject({ latency: duration, jitter: duration, correlation: percentage }),
      ...network,
    }),
    z.strictObject({
      action: z.literal('loss'),
      loss: z.strictObject({ loss: percentage, correlation: percentage }),
      ...network,
    }),
    z.strictObject({ action: z.literal('partition'), ...network }),
  ]),
});

/** An object that starts an experiment when it is applied. */
export const experiment = z.discriminatedUnion('kind', [podChaos, networkChaos]);
