import { allPaths, pathsIn } from './paths.ts';
import { SHIPPED } from './rules.ts';
import { LINES, SABOTAGES, sabotageSetting } from './sabotages.ts';
import { type Searched, type Setting, search } from './search.ts';
import { forgetParts } from './world.ts';

const ON_ACCOUNT = { lines: LINES, paid: false };
const PAID = { lines: LINES, paid: true };
const FOR_ONE = { ps5: 1, switch: 1 };
/** At most two deaths, two copies, two late messages, one cancellation and one deadline; together at most `total`. */
const faults = (total: number) => ({ crash: 2, duplicate: 2, late: 2, cancellation: 1, timeout: 1, total });

/** The settings that are searched; all orders want the same two items. More faults leave room for fewer orders: states fill the memory. */
const SETTINGS: Record<string, Setting> = {
  'one paid order beside any others, 3 faults': { orders: [PAID], stock: FOR_ONE, others: true, budget: faults(3) },
  'a paid order and one on account, stock for one, 2 faults': {
    orders: [PAID, ON_ACCOUNT],
    stock: FOR_ONE,
    budget: faults(2),
  },
  'two orders on account, stock for one, 4 faults': {
    orders: [ON_ACCOUNT, ON_ACCOUNT],
    stock: FOR_ONE,
    budget: faults(4),
  },
  'one order on account beside any others, 8 faults': {
    orders: [ON_ACCOUNT],
    stock: FOR_ONE,
    others: true,
    budget: faults(8),
  },
  'two paid orders, stock for one, 1 fault': { orders: [PAID, PAID], stock: FOR_ONE, budget: faults(1) },
};

/** What is done by one thread at a time. */
export interface Job {
  kind: 'setting' | 'sabotage' | 'paths';
  name: string;
  /** The invariant that a sabotage must break. */
  caughtBy?: string;
}

/** The result of a job, as it travels from a thread. */
export interface Done extends Pick<Searched, 'states' | 'transitions'> {
  /** Of processor time: other programs do not change it. */
  seconds: number;
  /** What broke, as a story; absent if all held. */
  found?: Searched['found'];
  /** Every path of an order. */
  paths: string[];
}

/** The longest first, so that the threads end together. */
export const JOBS: readonly Job[] = [
  ...Object.keys(SETTINGS).map((name) => ({ kind: 'setting' as const, name })),
  { kind: 'paths', name: 'every path of one order, 2 faults' },
  ...SABOTAGES.map(({ name, caughtBy }) => ({ kind: 'sabotage' as const, name, caughtBy })),
];

/** Does one job. */
export function run({ kind, name }: Job): Done {
  forgetParts();
  const seconds = () => process.threadCpuUsage().user / 1e6 - before;
  const before = process.threadCpuUsage().user / 1e6;
  if (kind === 'paths') return { states: 0, transitions: 0, paths: allPaths(LINES, faults(2)), seconds: seconds() };
  const sabotage = SABOTAGES.find((one) => one.name === name);
  const setting = sabotage ? sabotageSetting(sabotage) : (SETTINGS[name] as Setting);
  const searched = search(setting, { ...SHIPPED, ...sabotage?.rules });
  const { states, transitions, found } = searched;
  const paths = sabotage ? [] : pathsIn(searched, setting.orders);
  return { states, transitions, ...(found && { found }), paths, seconds: seconds() };
}
