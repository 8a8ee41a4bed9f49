import { experimentNames, loadExperiment } from '../experiment/load-experiment.ts';

/** Prints the experiments that come with Valerix, a line each. */
export function listCommand(): number {
  const names = experimentNames();
  const width = Math.max(...names.map((name) => name.length)) + 2;
  for (const name of names) {
    const { document, valerix } = loadExperiment(name);
    const { rate } = valerix.workload;
    console.log(
      `${name.padEnd(width)}${`${valerix.duration_s} s, ${rate}/s`.padEnd(14)}${valerix.summary ?? document.title}`,
    );
  }
  return 0;
}
