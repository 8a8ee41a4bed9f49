import { z } from 'zod';

// The fields of PodChaos and NetworkChaos (chaos-mesh.org/v1alpha1) as the CRDs of Chaos Mesh have them; others are refused.

const selector = z.union([
  z.strictObject({ namespaces: z.array(z.string()).min(1), labelSelectors: z.record(z.string(), z.string()) }),
  z.strictObject({ pods: z.record(z.string(), z.array(z.string()).min(1)) }),
]);
const duration = z.string().regex(/^[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h)$/);
const percentage = z.string().regex(/^\d{1,3}(\.\d+)?$/);
const who = { mode: z.enum(['one', 'all', 'fixed', 'fixed-percent', 'random-max-percent']), selector };

const podChaos = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('pod-kill'), gracePeriod: z.number().int().min(0).optional(), ...who }),
  z.strictObject({ action: z.literal('pod-failure'), duration, ...who }),
  z.strictObject({ action: z.literal('container-kill'), containerNames: z.array(z.string()).min(1), ...who }),
]);

const network = {
  ...who,
  duration,
  direction: z.enum(['to', 'from', 'both']),
  target: z.strictObject(who),
};

const networkChaos = z.discriminatedUnion('action', [
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
  // Without a target it cuts off from everything; the webhook allows that for a partition only.
  z.strictObject({ action: z.literal('partition'), ...network, target: network.target.optional() }),
]);

/** An object that starts an experiment in this namespace when it is applied. */
export const experiment = (namespace: string) => {
  const common = {
    apiVersion: z.literal('chaos-mesh.org/v1alpha1'),
    metadata: z.strictObject({ name: z.string(), namespace: z.literal(namespace) }),
  };
  return z.discriminatedUnion('kind', [
    z.strictObject({ ...common, kind: z.literal('PodChaos'), spec: podChaos }),
    z.strictObject({ ...common, kind: z.literal('NetworkChaos'), spec: networkChaos }),
  ]);
};
