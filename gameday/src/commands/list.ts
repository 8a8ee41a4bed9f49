import { experimentNames, loadExperiment } from '../experiment/load-experiment.ts';

/** Prints the experiments that come with Valerix, one a line. */
export function listCommand(): number {
  const names = experimentNames();
  const width = Math.max(...names.map((name) => name.length)) + 2;
  for (const name of names) {
    const { document, valerix } = loadExperiment(name);
    const load = `${valerix.duration_s} s, ${valerix.workload.rate}/s`;
    console.log(`${name.padEnd(width)}${load.padEnd(14)}${valerix.summary ?? document.title}`);
  }
  return 0;
}
