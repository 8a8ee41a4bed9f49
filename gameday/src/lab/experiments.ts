import type { Experiment } from '@valerix/contracts';
import { perService } from '@valerix/system';
import { experimentNames, loadExperiment } from '../experiment/load-experiment.ts';
import { resolveStep } from '../experiment/resolve-step.ts';
import type { Activity, ExperimentDocument } from '../experiment/schema.ts';
import { evidenceInWords } from '../runner/evidence.ts';

/** The experiments that come with Valerix, as the dashboard shows them. */
export function describeExperiments(): Experiment[] {
  return experimentNames().map((name) => {
    const { document, valerix } = loadExperiment(name);
    const steps = document.method.map((step) => resolveStep(step, document));
    return {
      name,
      title: document.title,
      summary: valerix.summary ?? document.title,
      description: document.description,
      hypothesis: document['steady-state-hypothesis']?.title ?? null,
      duration_s: valerix.duration_s,
      method_s: methodSeconds(document),
      rate: valerix.workload.rate,
      seed: valerix.seed,
      replicas: perService((key) => valerix.replicas[key] ?? 1),
      method: timed(steps),
      evidence: valerix.evidence.map(evidenceInWords),
    };
  });
}

const pausesOf = ({ pauses }: Activity) => ({ before: pauses?.before ?? 0, after: pauses?.after ?? 0 });

function timed(steps: readonly Activity[]): Experiment['method'] {
  let at = 0;
  return steps.map((step) => {
    const { before, after } = pausesOf(step);
    const startsAt = at + before;
    // What goes on in the background holds up nothing.
    if (!step.background) at += before + after;
    return { name: step.name, does: does(step), after_s: startsAt };
  });
}

function methodSeconds(document: ExperimentDocument): number {
  return document.method
    .map((step) => resolveStep(step, document))
    .filter(({ background }) => !background)
    .map(pausesOf)
    .reduce((sum, { before, after }) => sum + before + after, 0);
}

/** A step in words: the command of the target, or the fault that is armed. */
function does({ provider }: Activity): string {
  if (provider.type === 'process') {
    const given = provider.arguments ?? '';
    const words = Array.isArray(given) ? given.join(' ') : typeof given === 'string' ? given : JSON.stringify(given);
    return provider.path === 'valerix-target' ? words : `${provider.path} ${words}`;
  }
  const path = provider.url.replace(/^\$\{[a-z_]+\}/, '');
  const fault = provider.arguments as Partial<Fault> | undefined;
  if (!fault?.point || !fault.type) return `${provider.method} ${path}`;
  const share = fault.percentage === undefined || fault.percentage === 100 ? '' : `, ${fault.percentage} %`;
  const times = fault.max_hits ? `, ${fault.max_hits === 1 ? 'once' : `${fault.max_hits} times`}` : '';
  const lasts = fault.ttl_seconds && !fault.max_hits ? `, for ${fault.ttl_seconds} s` : '';
  return `${fault.service}, ${fault.point}: ${fault.type}${share}${times}${lasts}`;
}

interface Fault {
  service: string;
  point: string;
  type: string;
  percentage: number;
  ttl_seconds: number;
  max_hits: number;
}
