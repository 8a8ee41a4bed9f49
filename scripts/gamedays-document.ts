import { experimentNames, loadExperiment } from '../gameday/src/experiment/load-experiment.ts';
import { impossible, needsOf, type TargetKind, targetSteps } from '../gameday/src/targets/abilities.ts';

const START = '<!-- generated: where experiments run (written by `npm run generate`) -->';
const END = '<!-- end generated -->';

/** docs/gamedays.md with its table of where each experiment can run. @throws Error when the markers are missing */
export function gamedaysDocument(current: string): string {
  const [start, end] = [current.indexOf(START), current.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`docs/gamedays.md needs the lines "${START}" and "${END}"`);
  const rows = experimentNames().map((name) => {
    const steps = targetSteps(loadExperiment(name).document);
    return `| \`${name}\` | yes | ${cell(steps, 'attach')} | ${cell(steps, 'kubernetes')} |`;
  });
  const table = ['| name | fresh stack | `--attach` | Kubernetes |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return `${current.slice(0, start)}${START}\n\n${table}\n\n${current.slice(end)}`;
}

function cell(steps: ReturnType<typeof targetSteps>, kind: TargetKind): string {
  const never = steps
    .filter((step) => impossible([step], kind).length > 0)
    .map(({ command = [] }) => `\`${command[0]}\``);
  if (never.length > 0) return `no: ${[...new Set(never)].join(', ')}`;
  const needs = needsOf(steps, kind);
  return needs.length === 0 ? 'yes' : `with ${needs.join(', ')}`;
}
