import {
  defenceExperimentsFolder,
  ExperimentError,
  experimentNames,
  loadExperiment,
} from '../experiment/load-experiment.ts';
import { EXIT_UNUSABLE } from '../runner/verdict.ts';
import { impossible, targetSteps } from '../targets/abilities.ts';
import { requireTargetKind } from '../targets/open-target.ts';
import type { Flags } from './flags.ts';

/** The line about fields that have no effect here. */
export const ignoredInWords = (paths: readonly string[]): string =>
  `  ignored, because no extension of the Chaos Toolkit runs here: ${paths.join(', ')}`;

/** Says whether each file is a valid experiment that the target can run; without files, checks all that come with Valerix. */
export function validateCommand(files: readonly string[], flags: Flags = {}): number {
  const kind = flags.attach ? 'attach' : requireTargetKind(flags);
  let code = 0;
  const ours = [...experimentNames(), ...experimentNames(defenceExperimentsFolder).map((name) => `defences/${name}`)];
  for (const file of files.length > 0 ? files : ours) {
    try {
      const { document, ignored } = loadExperiment(file);
      console.log(`${file}: valid ("${document.title}")`);
      if (ignored.length > 0) console.log(ignoredInWords(ignored));
      const obstacles = impossible(targetSteps(document), kind);
      if (obstacles.length === 0) continue;
      console.error(`${file} cannot run there: ${obstacles.join(' ')}`);
      code = EXIT_UNUSABLE;
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error;
      console.error(error.message);
      code = EXIT_UNUSABLE;
    }
  }
  return code;
}
