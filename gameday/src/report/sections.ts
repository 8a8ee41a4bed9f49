import { commandNameOf } from '../experiment/load-experiment.ts';
import { summarise } from '../runner/recovery.ts';
import type { RunResult } from '../runner/run.ts';
import { type ChartOptions, chart } from './chart.ts';
import { duration, grouped, html, type Markup } from './html.ts';
import { countViolations, percentiles } from './journal.ts';
import type { OrderStory } from './order-story.ts';

/** The verdict and its reasons: what a reader must not miss. */
export function verdictSection({ verdict, reasons, experiment, interrupted }: RunResult): Markup {
  const hypothesis = experiment.document['steady-state-hypothesis']?.title;
  return html`<section class="verdict ${verdict}">
    <p class="word">${verdict}</p>
    <h1>${experiment.document.title}</h1>
    <p>${experiment.document.description}</p>
    ${hypothesis && html`<p><b>Hypothesis:</b> ${hypothesis}</p>`}
    <ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>
    ${interrupted && !reasons.some((reason) => reason.includes(interrupted)) && html`<p><b>Stopped early:</b> ${interrupted}</p>`}
  </section>`;
}

export function figures(result: RunResult): Markup {
  const { totals } = result.tally;
  const at = percentiles(result);
  const list: [string, string][] = [
    [grouped(totals.placed), 'orders'],
    [grouped(countViolations(result)), 'violations'],
    [grouped(totals.queued), 'taken as 202'],
    [grouped(totals.retries), 'retries by clients'],
    [duration(at.p50), 'median answer'],
    [duration(at.p99), 'p99 answer'],
    [result.drained ? `${result.drained.seconds.toFixed(1)} s` : '–', 'to drain'],
    [grouped(result.observations.breakerOpened), 'breaker openings'],
  ];
  return html`<div class="figures">${list.map(([value, name]) => html`<div><b>${value}</b><span>${name}</span></div>`)}</div>`;
}

export function charts(result: RunResult): Markup {
  const { seconds, totals } = result.tally;
  const { samples } = result.observations;
  const length = Math.max(seconds.length, Math.ceil((samples.at(-1)?.t ?? 0) / 1000));
  const bands = result.faults.map(({ name, from, to }) => ({
    label: name,
    from: from / 1000,
    to: (to ?? length * 1000) / 1000,
  }));
  const common = { seconds: length, bands, end: result.durationS < length ? result.durationS : undefined };
  const of = (pick: (second: (typeof seconds)[number]) => number | undefined) => seconds.map(pick);
  const quantile = (share: number) => of(({ latency }) => (latency.count === 0 ? undefined : latency.quantile(share)));
  const depth = Array.from({ length }, (_, second) => {
    const near = samples.filter(({ t, queueDepth }) => Math.floor(t / 1000) === second && queueDepth !== undefined);
    return near.length === 0 ? undefined : Math.max(...near.map(({ queueDepth }) => queueDepth as number));
  });
  return html`${chart({
    ...common,
    title: 'Answers per second',
    unit: '/s',
    kind: 'stacked',
    format: (value) => grouped(value),
    series: [
      { name: 'confirmed', tone: 'confirmed', values: of(({ confirmed }) => confirmed) },
      { name: 'queued (202)', tone: 'queued', values: of(({ queued }) => queued) },
      { name: 'refused', tone: 'refused', values: of(({ refused }) => refused) },
      { name: 'no answer', tone: 'unknown', values: of(({ unknown }) => unknown) },
    ],
  })}${chart({
    ...common,
    title: 'Latency, from the time the client meant to order',
    unit: 'ms',
    kind: 'lines',
    format: duration,
    series: [
      { name: 'p99', tone: 'p99', values: quantile(0.99) },
      { name: 'p95', tone: 'p95', values: quantile(0.95) },
      { name: 'p50', tone: 'p50', values: quantile(0.5) },
    ],
  })}${chart({
    ...common,
    title: 'Orders waiting in the queue',
    unit: '',
    kind: 'lines',
    format: (value) => grouped(value),
    series: [{ name: 'queue depth (a gap: nobody could say)', tone: 'queued', values: depth }],
  })}${totals.troubles === 0 ? '' : troubles(result, common)}`;
}

function troubles({ tally }: RunResult, common: Pick<ChartOptions, 'seconds' | 'bands' | 'end'>): Markup {
  return chart({
    ...common,
    title: 'Attempts of clients without a usable answer, per second',
    unit: '/s',
    kind: 'stacked',
    format: (value) => grouped(value),
    series: [{ name: 'failed attempts', tone: 'unknown', values: tally.seconds.map((second) => second.troubles) }],
  });
}

/** What the clients got, and how long they waited. */
export function outcomes(result: RunResult): Markup {
  const { totals } = result.tally;
  const mix: [string, string, number][] = [
    ['confirmed', 'confirmed', totals.confirmed],
    ['queued', 'queued first (202)', totals.queued],
    ['refused', 'refused', totals.refused],
    ['unknown', 'unknown to the client', totals.unknown + totals.failed],
  ];
  const at = percentiles(result);
  return html`<div class="card"><div class="mix">${mix.map(([tone, , count]) => count > 0 && html`<i class="${tone}" style="flex:${count}"></i>`)}</div>
    <div class="legend">${mix.map(([tone, name, count]) => html`<span><i class="${tone}"></i>${name}: ${grouped(count)}</span>`)}</div></div>
    <div class="scroll" style="margin-top:10px"><table><tr><th class="n">p50</th><th class="n">p90</th><th class="n">p95</th><th class="n">p99</th><th class="n">p99.9</th><th class="n">longest</th></tr>
    <tr>${[at.p50, at.p90, at.p95, at.p99, at.p999, at.max].map((ms) => html`<td class="n">${duration(ms)}</td>`)}</tr></table></div>`;
}

export function evidenceTable({ evidence }: RunResult): Markup {
  return html`<div class="scroll"><table><tr><th>What had to be seen</th><th class="n">seen</th><th></th></tr>${evidence.map(
    ({ expected, seen, met }) =>
      html`<tr><td>${expected}</td><td class="n">${grouped(seen)}</td><td class="${met ? 'yes' : 'no'}">${met ? 'yes' : 'no'}</td></tr>`,
  )}</table></div>`;
}

export function recoveryTable({ faults, recoveries }: RunResult): Markup {
  const list = summarise(faults, recoveries);
  const repeated = list.some(({ times }) => times > 1);
  const seconds = (value: number | undefined) => (value === undefined ? 'not seen' : `${value.toFixed(1)} s`);
  const head = repeated ? html`<th class="n">times</th>` : html`<th class="n">from</th>`;
  return html`<div class="scroll"><table><tr><th>Fault</th>${head}<th class="n">lasted</th><th class="n">hits</th><th class="n">recovered after</th>${
    repeated && html`<th class="n">longest</th><th class="n">not seen</th>`
  }</tr>${list.map(
    ({ fault, times, firstAt, lasted, hits, median, longest, unseen }) =>
      html`<tr><td>${fault}</td><td class="n">${repeated ? grouped(times) : `${(firstAt / 1000).toFixed(1)} s`}</td><td class="n">${duration(lasted)}</td><td class="n">${grouped(hits)}</td><td class="n">${seconds(median)}</td>${
        repeated && html`<td class="n">${seconds(longest)}</td><td class="n">${grouped(unseen)}</td>`
      }</tr>`,
  )}</table></div>`;
}

/** Every violation with all that is known about what it names. */
export function violationList(result: RunResult, stories: Map<string, OrderStory>): Markup {
  const { violations, checked } = result;
  if (violations.length === 0) {
    const compared = checked
      ? `${grouped(checked.orders)} orders were compared, by both databases and by what their clients were told.`
      : '';
    return html`<p>None. ${compared}</p>`;
  }
  const listed = violations.slice(0, 200);
  const more = countViolations(result) - listed.length;
  return html`${listed.map(({ invariant, class: kind, subject, detail, at, source }) => {
    const story = stories.get(subject);
    const when = at === undefined ? '' : ` Seen ${duration(at)} after the start, by ${source}.`;
    return html`<details><summary><b>${invariant} ${kind}</b> <code>${subject}</code></summary><p>${detail}.${when}</p>${
      story && html`<pre>${story.lines.join('\n')}</pre>`
    }</details>`;
  })}${more > 0 && html`<p class="soft">${grouped(more)} more are not listed.</p>`}`;
}

export function setup(result: RunResult): Markup {
  const { experiment, seed, rate, durationS, start, target, checked, observations } = result;
  const auditor = observations.auditorNoticedAt;
  const rows: [string, string][] = [
    ['Experiment', `${experiment.name} (${experiment.file.split('/').at(-1)})`],
    ['Target', target],
    ['Started', start.toISOString()],
    ['Load', `${rate} orders a second for ${durationS} s, seed ${seed}`],
    [
      'Compared',
      checked
        ? `${grouped(checked.orders)} orders in ${checked.seconds.toFixed(1)} s; ${grouped(checked.recovered)} of them exist although their clients never learned it`
        : 'no',
    ],
    [
      "The system's own auditor",
      auditor === undefined ? 'reported nothing' : `reported a violation ${duration(auditor)} after the start`,
    ],
    [
      'Again',
      `npx node gameday/src/cli.ts run ${commandNameOf(experiment)} --seed ${seed} --rate ${rate} --duration ${durationS}`,
    ],
  ];
  return html`<div class="scroll"><table>${rows.map(([name, value]) => html`<tr><th>${name}</th><td class="mono">${value}</td></tr>`)}</table></div>`;
}
