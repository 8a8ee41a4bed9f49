import type { PresentedChart } from '../live/class-view.ts';
import { RECIPES, type Recipe } from './recipes.ts';

/** Load and faults that start together, and what to watch. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly per_second: number;
  readonly seconds: number;
  readonly recipes: readonly Recipe[];
  /** The chart that shows it best. */
  readonly chart: PresentedChart;
  /** What to watch, in the order in which it happens. */
  readonly watch: readonly string[];
}

const recipes = (...ids: string[]): Recipe[] => RECIPES.filter(({ id }) => ids.includes(id));

export const SCENARIOS: readonly Scenario[] = [
  {
    id: 'lost-replies',
    title: 'Replies are lost',
    per_second: 20,
    seconds: 60,
    recipes: recipes('lost-reply'),
    chart: 'orders',
    watch: [
      'About one order in ten is queued, although its stock is deducted: two attempts in a row lost their reply.',
      'The worker confirms them soon after; no unit is deducted twice.',
      'The verdict stays green.',
    ],
  },
  {
    id: 'slow-warehouse',
    title: 'The inventory service is slow',
    per_second: 20,
    seconds: 60,
    recipes: recipes('slow-inventory'),
    chart: 'times',
    watch: [
      'The response time climbs to the deadline.',
      'The breaker opens: orders are then queued at once, and the response time falls.',
      'When the fault ends, the breaker closes and the queue drains.',
    ],
  },
  {
    id: 'dying-warehouse',
    title: 'The inventory service dies again and again',
    per_second: 20,
    seconds: 60,
    recipes: recipes('crash-after-commit'),
    chart: 'queue',
    watch: [
      'The process dies, and is back within a second or two. Meanwhile orders are queued.',
      'Each death leaves committed deductions without a reply; the worker finds their decisions.',
      'The queue drains, and the ledger has one deduction for each order.',
    ],
  },
  {
    id: 'no-redis',
    title: 'Redis cannot be reached',
    per_second: 20,
    seconds: 60,
    recipes: recipes('no-redis'),
    chart: 'orders',
    watch: [
      'The order service calls itself degraded.',
      'Customers notice nothing: PostgreSQL decides.',
      'A repeated order still gets the same answer.',
    ],
  },
];
