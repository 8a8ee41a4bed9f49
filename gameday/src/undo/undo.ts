import { readEnvFile } from '@valerix/local-stack/home/env-file';
import { homeAt } from '@valerix/local-stack/home/home';
import { trySignal } from '@valerix/local-stack/machine/after-crash';
import { isSameProcess } from '@valerix/local-stack/machine/process-identity';
import { clearAbandonedHomes } from '@valerix/local-stack/stack/leftovers';
import { z } from 'zod';
import type { Env } from '../config.ts';
import { armedFaults, disarm } from './armed-faults.ts';

/** The undo of a step, as data: any process can perform it when the runner is gone, and more than once. */
export const undo = z.discriminatedUnion('do', [
  z.object({ do: z.literal('resume'), name: z.string(), pid: z.int(), identity: z.string() }),
  z.object({
    do: z.literal('scale'),
    namespace: z.string(),
    name: z.string(),
    kind: z.enum(['Deployment', 'StatefulSet']).default('Deployment'),
    replicas: z.int(),
    scalers: z.array(z.string()).default([]).describe('The ScaledObjects of KEDA that were paused.'),
  }),
  z.object({
    do: z.literal('end-chaos'),
    namespace: z.string(),
    objects: z.array(z.object({ kind: z.enum(['PodChaos', 'NetworkChaos']), name: z.string() })),
  }),
  z.object({
    do: z.literal('disarm'),
    urls: z.array(z.string()).describe('The services; one that answers is enough.'),
    keep: z.array(z.string()).describe('The faults that were armed before the step.'),
    home: z
      .string()
      .optional()
      .describe('The stack whose operator token they accept; absent: the token in the environment.'),
  }),
  z.object({ do: z.literal('delete-stack') }),
]);
export type Undo = z.infer<typeof undo>;

/** How often to ask whether Chaos Mesh has recovered. */
const POLL_MS = 500;

/** Undoes a step. @returns what was done, in words @throws Error when it could not be done */
export async function perform(planned: Undo, env: Env): Promise<string> {
  switch (planned.do) {
    case 'resume':
      return resume(planned);
    case 'scale':
      return scale(planned, env);
    case 'end-chaos':
      return endChaos(planned, env);
    case 'disarm': {
      const { OPERATOR_TOKEN: token = '' } = planned.home === undefined ? env : readEnvFile(homeAt(planned.home));
      const armed = await armedFaults(planned.urls, token);
      const left = armed.filter((id) => !planned.keep.includes(id));
      for (const id of left) await disarm(planned.urls, token, id);
      return left.length === 0 ? 'no fault was left' : `disarmed ${left.join(', ')}`;
    }
    case 'delete-stack':
      await clearAbandonedHomes();
      return 'its stack is deleted';
  }
}

function resume({ name, pid, identity }: Extract<Undo, { do: 'resume' }>): string {
  if (!isSameProcess(pid, identity)) return `${name} has been replaced since`;
  // Each service leads a process group; a postmaster does not.
  trySignal(name === 'postgres' ? pid : -pid, 'SIGCONT');
  return `${name} resumed`;
}

/** Loaded only when needed: the client takes half a second and 60 MB. */
async function kubernetes(env: Env) {
  const { createKubeClient, kubeConfig } = await import('../targets/kube-client.ts');
  return createKubeClient(kubeConfig(env));
}

async function scale({ namespace, ...former }: Extract<Undo, { do: 'scale' }>, env: Env): Promise<string> {
  const { createScales } = await import('../targets/scales.ts');
  const before = await createScales(await kubernetes(env), namespace).restore(former);
  // A person or an autoscaler has started it since.
  if (before > 0) return `${former.name} has ${before} replicas already`;
  return `${former.name} has ${former.replicas} replicas again`;
}

async function endChaos({ namespace, objects }: Extract<Undo, { do: 'end-chaos' }>, env: Env): Promise<string> {
  const { createChaosMesh } = await import('../targets/chaos-mesh.ts');
  const mesh = createChaosMesh(await kubernetes(env), namespace, POLL_MS);
  for (const one of objects) await mesh.end(one);
  return `${objects.map(({ name }) => name).join(', ')} ended`;
}
