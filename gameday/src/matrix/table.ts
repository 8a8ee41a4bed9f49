import type { Defence } from '../defences/defence.ts';
import { defenceExperimentsFolder, loadExperiment } from '../experiment/load-experiment.ts';
import { type Cell, judgeRow, ROW_WORDS, type Row } from './verdicts.ts';

/** The matrix for a terminal: a line for each run, and the verdict of each row. */
export function terminalTable(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ defence }) => defence.name.length)) + 2;
  const under = ' '.repeat(width);
  return rows
    .flatMap((row) => [
      `${row.defence.name.padEnd(width)}${row.defence.property.statement}`,
      `${under}with it     ${inBrief(row.with)}`,
      `${under}without it  ${inBrief(row.without)}`,
      `${under}${ROW_WORDS[judgeRow(row)]}`,
    ])
    .join('\n');
}

const inBrief = ({ verdict, seen, reasons }: Cell): string =>
  [`${verdict}: ${seen}`, ...reasons.filter((reason) => reason !== seen)].join('; ');

/** The matrix as Markdown, links as seen from `docs/`. */
export function markdownTable(rows: readonly Row[]): string {
  return [
    '| defence | fault | property | with it | without it |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `${headOf(row.defence)} ${cellText(row.with)} | ${cellText(row.without)} |`),
    '',
    'How each was switched off, and what else broke:',
    '',
    '| defence | taken out | in | invariants broken without it |',
    '|---|---|---|---|',
    ...rows.map(
      ({ defence, without }) => `${removalOf(defence)} ${without.broken.join(', ') || 'none: nothing was lost'} |`,
    ),
  ].join('\n');
}

/** The cells that do not depend on a run: the defence, its fault, its property. */
export function headOf({ name, what, where, fault, experiment, property }: Defence): string {
  const { duration_s, workload } = loadExperiment(experiment, defenceExperimentsFolder).valerix;
  const link = `[${experiment}](../gameday/experiments/defences/${experiment}.json)`;
  return (
    `| **${name}**: ${what} ${where.map(placeOf).join(', ')} ` +
    `| ${fault} ${link}, ${duration_s} s at ${workload.rate} orders/s | ${property.statement} |`
  );
}

/** The cells that say how the defence is removed. */
export function removalOf({ name, removed, cuts }: Defence): string {
  const files = [...new Set(cuts.map(({ file }) => file))];
  return `| ${name} | ${removed} | ${files.map(placeOf).join(', ')} |`;
}

/** A link to `file` or `file:symbol`. */
function placeOf(place: string): string {
  const [file = '', symbol] = place.split(':');
  const name = file.split('/').at(-1);
  return `[\`${symbol ? `${name}:${symbol}` : name}\`](../${file})`;
}

function cellText({ verdict, seen, more, orders, hits, reasons }: Cell): string {
  const word = verdict === 'holds' ? 'holds' : `**${verdict}**`;
  const why = reasons.length > 0 ? `; ${reasons.join(' ')}` : '';
  return `${word}: ${seen}${more ? `; ${more}` : ''} (${orders} orders, ${hits} ${hits === 1 ? 'hit' : 'hits'})${why}`;
}
