import { writeFileSync } from 'node:fs';
import type { GamedayVerdict } from '@valerix/contracts';
import type { RunResult } from '../runner/run.ts';
import { percentiles } from './journal.ts';

/** How one experiment ended, for a CI; `result` is undefined when it could not be run. */
export interface GateEntry {
  name: string;
  result?: RunResult;
  /** Why it could not be run. */
  problem?: string;
  /** What is worse than in the baseline, in words; only of a run that passed. */
  worse?: readonly string[];
}

const verdictOf = ({ result, worse = [] }: GateEntry): GamedayVerdict | 'WORSE' | 'NOT RUN' =>
  worse.length > 0 ? 'WORSE' : (result?.verdict ?? 'NOT RUN');
const reasonsOf = ({ result, problem = '', worse = [] }: GateEntry): readonly string[] =>
  worse.length > 0 ? worse : (result?.reasons ?? [problem]);
const secondsOf = ({ result }: GateEntry): number =>
  result ? (result.end.getTime() - result.start.getTime()) / 1000 : 0;

/** Writes the requested files for a CI. */
export function writeGate(
  entries: readonly GateEntry[],
  { junit, summary }: { junit?: string; summary?: string },
): void {
  if (junit) writeFileSync(junit, junitOf(entries));
  if (summary) writeFileSync(summary, summaryOf(entries));
}

/** JUnit's XML: a test case per experiment. FAIL and WORSE are failures; an inconclusive or impossible run is an error. */
export function junitOf(entries: readonly GateEntry[]): string {
  const cases = entries.map((entry) => {
    const tag = { PASS: '', FAIL: 'failure', WORSE: 'failure', INCONCLUSIVE: 'error', 'NOT RUN': 'error' }[
      verdictOf(entry)
    ];
    const text = escaped(reasonsOf(entry).join('\n'));
    const found = tag && `<${tag} type="${verdictOf(entry)}" message="${text}">${text}</${tag}>`;
    return `    <testcase classname="gameday" name="${escaped(entry.name)}" time="${secondsOf(entry).toFixed(3)}">${found}</testcase>\n`;
  });
  const count = (...verdicts: string[]) => entries.filter((entry) => verdicts.includes(verdictOf(entry))).length;
  const seconds = entries.reduce((sum, entry) => sum + secondsOf(entry), 0).toFixed(3);
  const counts = `tests="${entries.length}" failures="${count('FAIL', 'WORSE')}" errors="${count('INCONCLUSIVE', 'NOT RUN')}" time="${seconds}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts}>\n  <testsuite name="gameday" ${counts}>\n${cases.join('')}  </testsuite>\n</testsuites>\n`;
}

/** A table in Markdown, as GitHub shows in $GITHUB_STEP_SUMMARY. */
export function summaryOf(entries: readonly GateEntry[]): string {
  const rows = entries.map((entry) => {
    const { result } = entry;
    const latency = result && percentiles(result);
    const cells = [
      entry.name,
      `**${verdictOf(entry)}**`,
      result ? `${result.tally.totals.placed}` : '–',
      latency ? `${Math.round(latency.p50)} / ${Math.round(latency.p99)} ms` : '–',
      reasonsOf(entry).join('<br>'),
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |\n`;
  });
  return `| experiment | verdict | orders | p50 / p99 | reasons |\n|---|---|---|---|---|\n${rows.join('')}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};
/** Text in XML, without the control characters that XML cannot hold. */
const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are removed
  text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '').replace(/[&<>"\n]/g, (found) => ENTITIES[found] as string);
