import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUN_FILES } from '../run-folder/run-folder.ts';
import type { RunResult } from '../runner/run.ts';
import type { Target } from '../targets/target.ts';
import { html, type Markup } from './html.ts';
import { lanes } from './lanes.ts';
import { type OrderStory, tellStories } from './order-story.ts';
import {
  charts,
  evidenceTable,
  figures,
  outcomes,
  recoveryTable,
  setup,
  verdictSection,
  violationList,
} from './sections.ts';
import { styles } from './styles.ts';

/** Writes `report.html` into the folder: one file that needs nothing else. @returns its path */
export async function writeReport(
  result: RunResult,
  { services }: Pick<Target, 'services'>,
  folder: string,
): Promise<string> {
  const stories = await tellStories(result.violations, {
    services,
    historyFile: join(folder, RUN_FILES.history),
    prefix: result.prefix,
  });
  const file = join(folder, RUN_FILES.report);
  writeFileSync(file, reportHtml(result, stories).text);
  return file;
}

/** The report as a page. */
function reportHtml(result: RunResult, stories: Map<string, OrderStory>): Markup {
  const seconds = Math.max(result.tally.seconds.length, Math.ceil((result.observations.samples.at(-1)?.t ?? 0) / 1000));
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${result.verdict}: ${result.experiment.document.title}</title><style>${styles}</style></head><body><main>
${verdictSection(result)}
${figures(result)}
${result.violations.length > 0 && html`<h2>Violations</h2>${violationList(result, stories)}`}
<h2>Over time <span class="soft">(shaded: a fault lasts)</span></h2>
${charts(result)}
${lanes(result.faults, result.recoveries, seconds)}
<h2>Faults and recovery</h2>
${recoveryTable(result)}
<h2>Outcomes</h2>
${outcomes(result)}
<h2>Evidence</h2>
${evidenceTable(result)}
${result.violations.length === 0 && html`<h2>Violations</h2>${violationList(result, stories)}`}
<h2>The run</h2>
${setup(result)}
<p class="soft">Beside this file: journal.json (Chaos Toolkit journal), history.jsonl (every question and answer), target.log.</p>
</main></body></html>
`;
}
