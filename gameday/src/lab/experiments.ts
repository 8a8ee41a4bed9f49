import { type ArmFaultBody, EXPERIMENT_LEVELS, type Experiment, type ExperimentList } from '@valerix/contracts';
import { perService } from '@valerix/system';
import { experimentNames, loadExperiment } from '../experiment/load-experiment.ts';
import { resolveStep } from '../experiment/resolve-step.ts';
import type { Activity } from '../experiment/schema.ts';
import { evidenceInWords } from '../runner/evidence.ts';
import { TARGET_PROGRAM, wordsOf } from '../runner/providers.ts';
import { needsOf, type TargetKind, targetSteps } from '../targets/abilities.ts';

/** The experiments that come with Valerix, the easiest first, as the dashboard shows them for runs against this kind of target. */
export function describeExperiments(target: 'local' | 'kubernetes'): ExperimentList {
  const items = experimentNames().map((name) => describe(name, target));
  const rank = ({ level }: Experiment) => EXPERIMENT_LEVELS.indexOf(level);
  return { fresh: target === 'local', items: items.sort((a, b) => rank(a) - rank(b)) };
}

function describe(name: string, target: TargetKind): Experiment {
  const { document, valerix } = loadExperiment(name);
  return {
    name,
    title: document.title,
    summary: valerix.summary ?? document.title,
    // The tag of all our experiments tells nothing here.
    tags: (document.tags ?? []).filter((tag) => tag !== 'valerix'),
    level: valerix.level,
    description: document.description,
    hypothesis: document['steady-state-hypothesis']?.title ?? null,
    duration_s: valerix.duration_s,
    rate: valerix.workload.rate,
    seed: valerix.seed,
    replicas: perService((key) => valerix.replicas[key] ?? 1),
    ...timed(document.method.map((step) => resolveStep(step, document))),
    evidence: valerix.evidence.map(evidenceInWords),
    needs: needsOf(targetSteps(document), target),
  };
}

/** The steps in words, with the start time of each, and their total length. */
function timed(steps: readonly Activity[]): Pick<Experiment, 'method' | 'method_s'> {
  let at = 0;
  const method = steps.map((step) => {
    const { before = 0, after = 0 } = step.pauses ?? {};
    const startsAt = at + before;
    // The next step does not wait for a background step.
    if (!step.background) at = startsAt + after;
    return { name: step.name, does: does(step), after_s: startsAt };
  });
  return { method, method_s: at };
}

/** A step in words: the command of the target, or the fault that it arms. */
function does({ provider }: Activity): string {
  if (provider.type === 'process') {
    const words = wordsOf(provider.arguments);
    return (provider.path === TARGET_PROGRAM ? words : [provider.path, ...words]).join(' ');
  }
  if (provider.type === 'python') return `${provider.module}.${provider.func}`;
  const path = provider.url.replace(/^\$\{[a-z_]+\}/, '');
  const fault = provider.arguments as Partial<ArmFaultBody> | undefined;
  if (!fault?.point || !fault.type) return `${provider.method} ${path}`;
  const share = fault.percentage === undefined || fault.percentage === 100 ? '' : `, ${fault.percentage} %`;
  const times = fault.max_hits ? `, ${fault.max_hits === 1 ? 'once' : `${fault.max_hits} times`}` : '';
  const lasts = fault.ttl_seconds && !fault.max_hits ? `, for ${fault.ttl_seconds} s` : '';
  return `${fault.service}, ${fault.point}: ${fault.type}${share}${times}${lasts}`;
}
