import type { Flags } from '../commands/flags.ts';
import type { Config } from '../config.ts';
import { attachTarget } from './attached-target.ts';
import { kubernetesTarget } from './kubernetes-target.ts';
import { type LocalTargetOptions, startLocalTarget } from './local-target.ts';
import { type Target, TargetError } from './target.ts';

interface OpenTargetOptions extends Pick<LocalTargetOptions, 'replicas' | 'seed' | 'onNotice'> {
  signal: AbortSignal;
  config: Config;
  flags: Flags;
}

const KINDS = ['local', 'kubernetes'] as const;

/** The kind of target. @throws {TargetError} when there is none of that name, or a flag belongs to another kind */
export function requireTargetKind({ target = 'local', attach, yes, namespace }: Flags): (typeof KINDS)[number] {
  const kind = KINDS.find((one) => one === target);
  if (!kind) throw new TargetError(`There is no target "${target}"; there are ${KINDS.join(' and ')}.`);
  if (attach && kind !== 'local') throw new TargetError(`--attach is not for --target ${kind}.`);
  if (yes && !attach) throw new TargetError('--yes answers the question of --attach.');
  if (namespace !== undefined && kind !== 'kubernetes')
    throw new TargetError('--namespace is for --target kubernetes.');
  return kind;
}

/** Opens the target that the command line asks for. @throws {TargetError} when it cannot be opened */
export async function openTarget(options: OpenTargetOptions): Promise<Target> {
  const { flags, config } = options;
  const kind = requireTargetKind(flags);
  if (kind === 'local' && flags.attach) return attachTarget(config.home, flags.yes === true);
  if (kind === 'local') return startLocalTarget(options);
  // Load it only when needed: the client has every type of Kubernetes, which takes half a second and 60 MB.
  const { createKubeClient, kubeConfig } = await import('./kube-client.ts');
  const client = createKubeClient(kubeConfig(config.env));
  return kubernetesTarget({ client, namespace: flags.namespace ?? 'valerix', env: config.env });
}
