import { resolveStep } from '../experiment/resolve-step.ts';
import type { ExperimentDocument } from '../experiment/schema.ts';
import { TARGET_PROGRAM, wordsOf } from '../runner/providers.ts';

export const TARGET_KINDS = ['local', 'attach', 'kubernetes'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** A step of an experiment that needs something of its target. */
export interface TargetStep {
  name: string;
  /** The command of the target; absent for a request that arms a fault. */
  command?: string[];
}

const SUPERVISED = 'the supervisor of a running stack restarts every process';
const MIGRATED = 'migrations are made up for a fresh stack only';
/** By verb: why a kind of target cannot carry out a command. */
const IMPOSSIBLE: Record<TargetKind, Readonly<Record<string, string>>> = {
  local: {},
  attach: {
    stop: SUPERVISED,
    start: SUPERVISED,
    network: 'the services of a running stack talk without a proxy',
    migrate: MIGRATED,
  },
  kubernetes: { migrate: MIGRATED },
};
/** The verbs that Chaos Mesh carries out in Kubernetes. */
const BY_CHAOS_MESH = ['crash', 'pause', 'resume', 'network'];

/** The steps of the method and the rollbacks that need something of the target. */
export function targetSteps(document: ExperimentDocument): TargetStep[] {
  return [...document.method, ...document.rollbacks].flatMap((step): TargetStep[] => {
    const { name, provider } = resolveStep(step, document);
    if (provider.type === 'process' && provider.path === TARGET_PROGRAM) {
      return [{ name, command: wordsOf(provider.arguments) }];
    }
    const arms = provider.type === 'http' && provider.method === 'POST' && provider.url.includes('/api/admin/chaos');
    return arms ? [{ name }] : [];
  });
}

export const armsFaults = (steps: readonly TargetStep[]): boolean => steps.some(({ command }) => command === undefined);

export const needsChaosMesh = (steps: readonly TargetStep[]): boolean =>
  steps.some(({ command }) => BY_CHAOS_MESH.includes(command?.[0] ?? ''));

/** The steps that this kind of target can never carry out: a sentence for each reason. */
export function impossible(steps: readonly TargetStep[], kind: TargetKind): string[] {
  const reasonOf = ({ command }: TargetStep) => IMPOSSIBLE[kind][command?.[0] ?? ''];
  const stuck = steps.filter((step) => reasonOf(step) !== undefined);
  return [...Map.groupBy(stuck, reasonOf)].map(([reason, some]) => {
    const commands = [...new Set(some.map(({ command = [] }) => `"${command.join(' ')}"`))];
    return `It cannot do ${commands.join(', ')}: ${reason}.`;
  });
}

/** What a target of this kind must have for these steps, in words; a fresh stack has it all. */
export function needsOf(steps: readonly TargetStep[], kind: TargetKind): string[] {
  if (kind === 'local') return [];
  if (impossible(steps, kind).length > 0) return ['a fresh stack'];
  return [
    ...(kind === 'kubernetes' && needsChaosMesh(steps) ? ['Chaos Mesh'] : []),
    ...(kind === 'kubernetes' && armsFaults(steps) ? ['the component "chaos"'] : []),
    ...[...replicasNamed(steps)].map(([app, count]) => `${count} replicas of ${app}`),
  ];
}

/** The app and the index of a pod or process: `order-service-2` is the second of order-service. */
export function partsOf(name: string): [app: string, index: number | undefined] {
  const [, app = name, number] = /^(.*?)(?:-(\d+))?$/.exec(name) ?? [];
  return [app, number === undefined ? undefined : Number(number) - 1];
}

/** How many replicas of each app the steps name, where they name more than one. */
export function replicasNamed(steps: readonly TargetStep[]): Map<string, number> {
  const named = new Map<string, number>();
  for (const { command: [verb, name = ''] = [] } of steps) {
    const [app, index = 0] = partsOf(name);
    if (verb !== 'network' && index > 0) named.set(app, Math.max(index + 1, named.get(app) ?? 1));
  }
  return named;
}
