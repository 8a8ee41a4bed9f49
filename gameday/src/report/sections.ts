import { QUEUE_COUNT_LIMIT } from '@valerix/contracts';
import { READ_RULES } from '../checker/violation.ts';
import { commandNameOf } from '../experiment/load-experiment.ts';
import { shareGrown } from '../runner/growth.ts';
import type { Sample } from '../runner/observe.ts';
import { summarise } from '../runner/recovery.ts';
import type { RunResult } from '../runner/run.ts';
import type { Second } from '../runner/tally.ts';
import { type ChartOptions, chart } from './chart.ts';
import { duration, grouped, html, type Markup, table } from './html.ts';
import { countViolations, percentiles } from './journal.ts';
import type { OrderStories } from './order-story.ts';

/** The verdict and its reasons. */
export function verdictSection({ verdict, reasons, experiment, interrupted }: RunResult): Markup {
  const { title, description, 'steady-state-hypothesis': hypothesis } = experiment.document;
  return html`<section class="verdict ${verdict}">
    <p class="word">${verdict}</p>
    <h1>${title}</h1>
    <p>${description}</p>
    ${hypothesis && html`<p><b>Hypothesis:</b> ${hypothesis.title}</p>`}
    <ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>
    ${interrupted && !reasons.some((reason) => reason.includes(interrupted)) && html`<p><b>Stopped early:</b> ${interrupted}</p>`}
  </section>`;
}

export function figures(result: RunResult): Markup {
  const { totals } = result.tally;
  const at = percentiles(result);
  const list = {
    orders: grouped(totals.placed),
    violations: grouped(countViolations(result)),
    'answered 202': grouped(totals.queued),
    'retries by clients': grouped(totals.retries),
    'median answer': duration(at.p50),
    'p99 answer': duration(at.p99),
    'drain time': result.drained ? `${result.drained.seconds.toFixed(1)} s` : '–',
    'breaker openings': grouped(result.observations.breakerOpened),
  };
  return html`<div class="figures">${Object.entries(list).map(([name, value]) => html`<div><b>${value}</b><span>${name}</span></div>`)}</div>`;
}

/** The colours of lines that are of one kind. */
const TONES = ['p50', 'p95', 'p99', 'queued', 'refused', 'unknown'];

/** How long the time axis is, seconds. */
export const secondsOf = ({ tally, observations }: RunResult): number =>
  Math.max(tally.seconds.length, Math.ceil((observations.samples.at(-1)?.t ?? 0) / 1000));

export function charts(result: RunResult): Markup {
  const { seconds, totals } = result.tally;
  const { samples } = result.observations;
  const length = secondsOf(result);
  const bands = result.faults.map(({ name: label, from, to = length * 1000 }) => ({
    label,
    from: from / 1000,
    to: to / 1000,
  }));
  const end = result.durationS < length ? result.durationS : undefined;
  const draw = (options: Pick<ChartOptions, 'title' | 'kind' | 'series'> & Partial<ChartOptions>) =>
    chart({ seconds: length, bands, end, format: grouped, ...options });
  const counts = (name: string, tone: Exclude<keyof Second, 'latency'>) => ({
    name,
    tone: tone === 'troubles' ? 'unknown' : tone,
    values: seconds.map((second) => second[tone]),
  });
  const quantile = (tone: string, share: number) => ({
    name: tone,
    tone,
    values: seconds.map(({ latency }) => (latency.count === 0 ? undefined : latency.quantile(share))),
  });
  /** The highest sample of each second. */
  const highest = (of: (sample: Sample) => number | undefined) => {
    const values: (number | undefined)[] = Array(length).fill(undefined);
    for (const sample of samples) {
      const [second, value] = [Math.floor(sample.t / 1000), of(sample)];
      if (value !== undefined) values[second] = Math.max(values[second] ?? 0, value);
    }
    return values;
  };
  const processes = [...new Set(samples.flatMap(({ memory = {} }) => Object.keys(memory)))].sort();
  const depths = highest(({ queueDepth }) => queueDepth);
  return html`${draw({
    title: 'Answers per second',
    kind: 'stacked',
    series: [
      counts('confirmed', 'confirmed'),
      counts('queued (202)', 'queued'),
      counts('refused', 'refused'),
      counts('no answer', 'unknown'),
    ],
  })}${draw({
    title: 'Latency, from the time the client meant to order',
    kind: 'lines',
    format: duration,
    series: [quantile('p99', 0.99), quantile('p95', 0.95), quantile('p50', 0.5)],
  })}${draw({
    title: 'Orders waiting in the queue',
    kind: 'lines',
    series: [{ name: queueLegend(depths), tone: 'queued', values: depths }],
  })}${draw({
    title: 'Memory of each process, MB',
    kind: 'lines',
    series: processes.map((name, index) => ({
      name,
      tone: TONES[index % TONES.length] as string,
      values: highest(({ memory }) => memory?.[name] && Math.round(memory[name] / 1e6)),
    })),
  })}${
    totals.troubles > 0 &&
    draw({
      title: 'Client attempts without a usable answer, per second',
      kind: 'stacked',
      series: [counts('failed attempts', 'troubles')],
    })
  }`;
}

function queueLegend(depths: readonly (number | undefined)[]): string {
  const isCapped = depths.some((depth) => (depth ?? 0) >= QUEUE_COUNT_LIMIT);
  return `queue depth (a gap: no service answered${isCapped ? `; ${grouped(QUEUE_COUNT_LIMIT)}: so many or more` : ''})`;
}

/** What the clients got, and how long they waited. */
export function outcomes(result: RunResult): Markup {
  const { confirmed, queued, refused, unknown, failed } = result.tally.totals;
  const mix = [
    { tone: 'confirmed', name: 'confirmed', count: confirmed },
    { tone: 'queued', name: 'queued first (202)', count: queued },
    { tone: 'refused', name: 'refused', count: refused },
    { tone: 'unknown', name: 'unknown to the client', count: unknown + failed },
  ];
  const { p50, p90, p95, p99, p999, max } = percentiles(result);
  return html`<div class="card"><div class="mix">${mix.map(({ tone, count }) => count > 0 && html`<i class="${tone}" style="flex:${count}"></i>`)}</div>
    <div class="legend">${mix.map(({ tone, name, count }) => html`<span><i class="${tone}"></i>${name}: ${grouped(count)}</span>`)}</div></div>
    <div style="margin-top:10px">${table(
      ['p50', 'p90', 'p95', 'p99', 'p99.9', 'longest'],
      [[p50, p90, p95, p99, p999, max].map(duration)],
      Array(6).fill('n'),
    )}</div>`;
}

/** Said of the rules R4 and R5 where the checker knows no bounds of a count. */
const UNBOUNDED = 'none: others ordered, or old orders were dropped';

/** How many reads there were, and what the rules of reads found. */
export function readTable({ checked, violations }: Pick<RunResult, 'checked' | 'violations'>): Markup {
  if (!checked) return html`<p>They were not judged.</p>`;
  const { order, page, stock, queue, unanswered, counts_checked } = checked.reads;
  const judged = { R1: order + page, R2: order + page, R3: page, R4: stock, R5: queue };
  const rules = Object.entries(READ_RULES) as [keyof typeof READ_RULES, string][];
  return html`<p>Answered: ${grouped(order)} reads of one order, ${grouped(page)} of pages, ${grouped(stock)} of stock, ${grouped(queue)} of
    the queue. Shed or without an answer: ${grouped(unanswered)}.</p>
    ${table(
      ['Rule', 'reads judged', 'violations'],
      rules.map(([rule, promise]) => [
        `${rule}: ${promise}`,
        (rule === 'R4' || rule === 'R5') && !counts_checked ? UNBOUNDED : grouped(judged[rule]),
        grouped(violations.filter(({ invariant }) => invariant === rule).length),
      ]),
      ['', 'n', 'n'],
    )}`;
}

/** The moves of orders that the rules allow, and how many orders took each. */
export function moveTable({ checked }: Pick<RunResult, 'checked'>): Markup {
  if (!checked) return html`<p>They were not compared.</p>`;
  const { moves, paths, allowed } = checked.walked;
  const of = (wanted: (count: number) => boolean) => Object.entries(moves).filter(([, count]) => wanted(count));
  const never = of((count) => count === 0).map(([move]) => move);
  return html`<p>The orders took ${grouped(paths)} of the ${grouped(allowed)} paths that the rules allow (<code>make model</code>).
    ${never.length > 0 ? `Never taken here: ${never.join('; ')}.` : 'Every move was taken.'}</p>
    ${table(
      ['Move', 'orders'],
      of((count) => count > 0).map(([move, count]) => [move, grouped(count)]),
      ['', 'n'],
    )}`;
}

export const evidenceTable = ({ evidence }: RunResult): Markup =>
  table(
    ['Required evidence', 'seen', ''],
    evidence.map(({ expected, seen, met }) => [
      expected,
      grouped(seen),
      html`<span class="${met ? 'yes' : 'no'}">${met ? 'yes' : 'no'}</span>`,
    ]),
    ['', 'n', ''],
  );

/** Latency and memory by quarter; nothing for an experiment that sets no limit. */
export const growthTable = ({ growth }: RunResult): Markup | undefined =>
  growth &&
  html`<h2>Growth <span class="soft">(at most ${growth.limit * 100} % from the second quarter to the last)</span></h2>
    ${table(
      ['', '1st quarter', '2nd', '3rd', '4th', 'grown'],
      growth.series.map((one) => {
        const share = shareGrown(one);
        const values = one.quarters.map((value) => (value === undefined ? '–' : `${value} ${one.unit}`));
        const tone = share !== undefined && share <= growth.limit ? 'yes' : 'no';
        const shown = share === undefined ? 'not measured' : `${Math.round(share * 100)} %`;
        return [one.name, ...values, html`<span class="${tone}">${shown}</span>`];
      }),
      ['', 'n', 'n', 'n', 'n', 'n'],
    )}`;

export function recoveryTable({ faults, recoveries }: RunResult): Markup {
  const list = summarise(faults, recoveries);
  const repeated = list.some(({ times }) => times > 1);
  const seconds = (value: number | undefined) => (value === undefined ? 'not seen' : `${value.toFixed(1)} s`);
  const head = ['Fault', repeated ? 'times' : 'from', 'lasted', 'hits', 'recovered after'];
  return table(
    repeated ? [...head, 'longest', 'not seen'] : head,
    list.map(({ fault, times, firstAt, lasted, hits, median, longest, unseen }) => [
      ...[fault, repeated ? grouped(times) : seconds(firstAt / 1000)],
      ...[duration(lasted), grouped(hits), seconds(median)],
      ...(repeated ? [seconds(longest), grouped(unseen)] : []),
    ]),
  );
}

/** Every violation, with the story of its subject. */
export function violationList(result: RunResult, stories: OrderStories): Markup {
  const { violations, checked } = result;
  if (violations.length === 0) {
    return html`<p>None. ${checked && `${grouped(checked.orders)} orders were compared: in the databases, and with what their clients were told.`}</p>`;
  }
  const listed = violations.slice(0, 200);
  const more = countViolations(result) - listed.length;
  return html`${listed.map(({ invariant, class: kind, subject, detail, at, source }) => {
    const story = stories.get(subject);
    const when = at === undefined ? '' : ` Seen ${duration(at)} after the start, by ${source}.`;
    return html`<details><summary><b>${invariant} ${kind}</b> <code>${subject}</code></summary><p>${detail}.${when}</p>${
      story && html`<pre>${story.join('\n')}</pre>`
    }</details>`;
  })}${more > 0 && html`<p class="soft">${grouped(more)} more are not listed.</p>`}`;
}

export function setup(result: RunResult): Markup {
  const { experiment, seed, rate, durationS, start, target, checked, observations } = result;
  const auditor = observations.auditorNoticedAt;
  const rows = {
    Experiment: `${experiment.name} (${experiment.file.split('/').at(-1)})`,
    Target: target,
    Started: start.toISOString(),
    Load: `${rate} orders a second for ${durationS} s, seed ${seed}`,
    Compared: checked
      ? `${grouped(checked.orders)} orders in ${checked.seconds.toFixed(1)} s; ${grouped(checked.recovered)} of these orders have clients that never got an answer`
      : 'no',
    "The system's own auditor":
      auditor === undefined ? 'reported nothing' : `reported a violation ${duration(auditor)} after the start`,
    'Run it again': `npx node gameday/src/cli.ts run ${commandNameOf(experiment)} --seed ${seed} --rate ${rate} --duration ${durationS}`,
  };
  return html`<div class="scroll"><table>${Object.entries(rows).map(([name, value]) => html`<tr><th>${name}</th><td class="mono">${value}</td></tr>`)}</table></div>`;
}
