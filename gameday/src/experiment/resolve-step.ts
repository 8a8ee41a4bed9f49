import type { Activity, ExperimentDocument, Step } from './schema.ts';

/** The activity of a step, with the fields that a reference sets. The schema guarantees that it exists. */
export function resolveStep(step: Step, document: ExperimentDocument): Activity {
  if (!('ref' in step)) return step;
  const all = [...(document['steady-state-hypothesis']?.probes ?? []), ...document.method, ...document.rollbacks];
  const found = all.find((one): one is Activity => !('ref' in one) && one.name === step.ref);
  if (!found) throw new Error(`no activity is called "${step.ref}"`);
  const { ref: _, ...own } = step;
  return { ...found, ...own };
}
