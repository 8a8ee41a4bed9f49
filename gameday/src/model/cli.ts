import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { grouped } from '../report/html.ts';
import { allPaths, pathsIn } from './paths.ts';
import { SHIPPED } from './rules.ts';
import { LINES, SABOTAGES, sabotageSetting } from './sabotages.ts';
import { type Searched, type Setting, search } from './search.ts';

const PATHS = join(import.meta.dirname, '../checker/paths.generated.json');

const ON_ACCOUNT = { lines: LINES, paid: false };
const PAID = { lines: LINES, paid: true };
const FOR_ONE = { ps5: 1, switch: 1 };
const FOR_BOTH = { ps5: 2, switch: 2 };
/** At most two deaths, two copies, two late messages, one cancellation and one deadline; together at most `total`. */
const faults = (total: number) => ({ crash: 2, duplicate: 2, late: 2, cancellation: 1, timeout: 1, total });

/** The settings that are searched; all orders want the same two items. More faults leave room for fewer orders: states fill the memory. */
const SETTINGS: Record<string, Setting> = {
  'two orders on account, stock for one, 4 faults': {
    orders: [ON_ACCOUNT, ON_ACCOUNT],
    stock: FOR_ONE,
    budget: faults(4),
  },
  'two orders on account, stock for both, 3 faults': {
    orders: [ON_ACCOUNT, ON_ACCOUNT],
    stock: FOR_BOTH,
    budget: faults(3),
  },
  'one order on account, 8 faults': { orders: [ON_ACCOUNT], stock: FOR_ONE, budget: faults(8) },
  'one paid order, 3 faults': { orders: [PAID], stock: FOR_ONE, budget: faults(3) },
  'two paid orders, stock for one, 1 fault': { orders: [PAID, PAID], stock: FOR_ONE, budget: faults(1) },
  'a paid order and one on account, stock for one, 2 faults': {
    orders: [PAID, ON_ACCOUNT],
    stock: FOR_ONE,
    budget: faults(2),
  },
};

const paths = new Set<string>();
let broken = false;

/** Prints the first violation as a story. */
function tell({ found }: Searched): void {
  for (const [number, step] of found?.story.entries() ?? []) console.log(`      ${number + 1}. ${step}`);
  for (const { invariant, detail } of found?.violations ?? []) console.log(`      => ${invariant}: ${detail}`);
}

for (const [name, setting] of Object.entries(SETTINGS)) {
  const started = performance.now();
  const searched = search(setting);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const sizes = `${grouped(searched.states)} states, ${grouped(searched.transitions)} transitions, ${seconds} s`;
  console.log(`${searched.found ? 'BROKEN' : 'holds '}  ${name}: ${sizes}`);
  if (searched.found) broken = true;
  for (const path of pathsIn(searched, setting.orders)) paths.add(path);
  tell(searched);
}

console.log('\nEach rule, taken out: the shortest way to the violation.');
for (const sabotage of SABOTAGES) {
  const { name, caughtBy, rules } = sabotage;
  const searched = search(sabotageSetting(sabotage), { ...SHIPPED, ...rules });
  const caught = searched.found?.violations.some(({ invariant }) => invariant === caughtBy) ?? false;
  console.log(`\n${caught ? 'caught' : 'MISSED'}  ${caughtBy}  ${name}`);
  if (!caught) broken = true;
  tell(searched);
}

for (const path of allPaths(LINES, faults(2))) paths.add(path);
if (!broken) writeFileSync(PATHS, `${JSON.stringify([...paths].sort(), null, 2)}\n`);
process.exitCode = broken ? 1 : 0;
