import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUN_FILES } from '../run-folder/run-folder.ts';
import type { RunResult } from '../runner/run.ts';
import type { Target } from '../targets/target.ts';
import { html, type Markup } from './html.ts';
import { lanes } from './lanes.ts';
import { type OrderStories, tellStories } from './order-story.ts';
import * as sections from './sections.ts';
import { styles } from './styles.ts';

/** Writes `report.html` into the folder: one file that loads nothing else. @returns its path */
export async function writeReport(
  result: RunResult,
  { services }: Pick<Target, 'services'>,
  folder: string,
): Promise<string> {
  const { violations, prefix } = result;
  const stories = await tellStories(violations, { services, historyFile: join(folder, RUN_FILES.history), prefix });
  const file = join(folder, RUN_FILES.report);
  writeFileSync(file, reportHtml(result, stories).text);
  return file;
}

function reportHtml(result: RunResult, stories: OrderStories): Markup {
  const violations = html`<h2>Violations</h2>${sections.violationList(result, stories)}`;
  const broken = result.violations.length > 0;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${result.verdict}: ${result.experiment.document.title}</title><style>${styles}</style></head><body><main>
${sections.verdictSection(result)}
${sections.figures(result)}
${broken && violations}
<h2>Over time <span class="soft">(shaded: a fault is active)</span></h2>
${sections.charts(result)}
${lanes(result, sections.secondsOf(result))}
${sections.growthTable(result)}
<h2>Faults and recovery</h2>
${sections.recoveryTable(result)}
<h2>Outcomes</h2>
${sections.outcomes(result)}
<h2>Reads</h2>
${sections.readTable(result)}
<h2>Moves of orders</h2>
${sections.moveTable(result)}
<h2>Evidence</h2>
${sections.evidenceTable(result)}
${!broken && violations}
<h2>The run</h2>
${sections.setup(result)}
<p class="soft">Beside this file: journal.json (Chaos Toolkit journal), history.jsonl (every request and answer), target.log.</p>
</main></body></html>
`;
}
