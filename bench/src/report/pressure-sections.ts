import type { Full } from '../measure/measure.ts';
import type { RunFacts } from '../result.ts';
import { bar, count, number, table } from './bars.ts';
import { head } from './document.ts';
import { atLeast, below, errorsOf, full, presentIn, rate } from './sections.ts';

/** The result of `make bench-pressure` as Markdown. */
export const renderPressure = (facts: RunFacts): string =>
  [head(facts), plainShopSection(facts), pressureTargets(facts), pressureDetails(facts)].join('\n\n');

function plainShopSection(facts: RunFacts): string {
  const row = (name: string, id: string, of: (id: string) => number) => {
    const [one, four, ours] = [of(`shop-one-${id}`), of(`shop-four-${id}`), of(id === 'hot-50' ? id : `closed-${id}`)];
    return [name, ...[one, four, ours].map(number), ...[ours / one, ours / four].map((times) => `${number(times)} ×`)];
  };
  const perSecond = (id: string) => rate(facts, id);
  const rows = [
    row('orders/s over 12 items, 50 connections', '50', perSecond),
    row('orders/s of one hot item, 50 connections', 'hot-50', perSecond),
    row('p50 at 1 connection, ms', '1', (id) => full(facts, id)?.latency_ms.p50 ?? Number.NaN),
  ];
  const shops = ['plain shop, one statement', 'plain shop, four statements'];
  return `### What a user would pick instead

${table(['', ...shops, 'Valerix', 'of one statement', 'of four'], rows)}

A plain shop is one Express process and one database on the same PostgreSQL. An order takes its stock and stores itself under a unique
idempotency key in one statement, or in four (lock, update, insert, commit) after a BEGIN; statements are prepared.`;
}

const share = (part: number, whole: number): number => (100 * part) / whole;
const confirmedPerSecond = ({ statuses, seconds }: Full): number => (statuses[201] ?? 0) / seconds;

function pressureTargets(facts: RunFacts): string {
  const of = (id: string) => full(facts, id) as Full;
  const p95 = (id: string) => of(id).latency_ms.p95;
  const unlike = (id: string, ...expected: number[]) =>
    of(id).unanswered +
    Object.entries(of(id).statuses).reduce((sum, [code, n]) => sum + (expected.includes(Number(code)) ? 0 : n), 0);
  const overload = of('overload');
  const rows = [
    atLeast(
      'held snapshots: orders/s, 50 connections',
      share(of('held').per_second, rate(facts, 'closed-50')),
      95,
      ' %',
    ),
    below('held snapshots: p95', p95('held') / p95('closed-50'), 2, ' ×'),
    below('300 readers: orders not answered 201', unlike('crowd-orders', 201), 1, ''),
    below('300 readers: p95 of 100 orders/s', p95('crowd-orders') / p95('open-100'), 3, ' ×'),
    atLeast('300 readers: refused with 429', of('crowd-readers').statuses[429] ?? 0, 1, ''),
    below('300 readers: other failures of theirs', unlike('crowd-readers', 200, 429), 1, ''),
    below('300 readers: probes not answered 200', unlike('crowd-probes', 200), 1, ''),
    atLeast('overload: confirmed, of the peak', share(confirmedPerSecond(overload), rate(facts, 'peak')), 80, ' %'),
    below('overload: 5xx other than 503', errorsOf(overload.statuses) - (overload.statuses[503] ?? 0), 1, ''),
    below('overload: never answered', overload.unanswered, 1, ''),
    below('overload: p95 of the refusals', overload.by_status_ms[429]?.p95 ?? Number.NaN, 100, ' ms'),
    below('overload: every order settled after', facts.measured.drained?.seconds ?? Number.NaN, 60, ' s'),
    below(
      'audit behind: p50, 50 connections',
      of('audit-behind').latency_ms.p50 / of('audit-clean').latency_ms.p50,
      2,
      ' ×',
    ),
  ];
  return `### Under pressure

${table(['target', 'wanted', 'measured', 'result'], rows)}

Each is compared with the same load without the pressure, measured in the same round:

- **Held snapshots**: in each database, someone else's write transaction stays open, and two transactions that are REPEATABLE READ scan
  orders and stock once a second. PostgreSQL can clean up nothing meanwhile.
- **300 readers** ask for a page of 200 orders, each on its own connection, again at once after every answer, also after a refusal.
- **Overload**: 1.5 times the peak is offered, ${number(rate(facts, 'offered'))} orders/s; the peak is what 256 connections reach, ${number(rate(facts, 'peak'))}/s. The generator shares
  the machine: it takes ${number(share((overload.cpu_us.generator ?? 0) * overload.per_second, 1e6))} % of a core there.
- **Audit behind**: the auditor lost its memory and reads a long history again meanwhile. It then needed ${number(facts.measured['audit-caught-up']?.seconds ?? Number.NaN)} s to catch up.`;
}

function pressureDetails(facts: RunFacts): string {
  const names = {
    'closed-50': 'orders, 50 connections',
    held: '… beside held snapshots',
    'open-100': '100 orders/s',
    'crowd-orders': '… beside 300 readers',
    'crowd-readers': 'those readers',
    'crowd-probes': 'probes beside them, 10/s',
    peak: 'orders, 256 connections',
    overload: 'orders, 1.5 times that',
    'audit-clean': 'orders, 50 connections, a long history',
    'audit-behind': '… which the auditor reads again',
  };
  const rows = presentIn(facts, names).map(({ name, per_second, latency_ms: { p50, p95, p99, max }, statuses }) => {
    const answers = Object.entries(statuses).map(([status, n]) => `${count(n)} × ${status}`);
    return [name, ...[per_second, p50, p95, p99, max].map(number), answers.join(', '), bar(p95, 200)];
  });
  return `${table(['load', 'answered/s', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'answers', ''], rows)}

A bar shows p95; a full one is 200 ms.`;
}
