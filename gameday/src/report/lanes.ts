import type { RunResult } from '../runner/run.ts';
import { LEFT, legend, PLOT, WIDTH } from './chart.ts';
import { html, type Markup } from './html.ts';

const LANE = 36;

/** The faults as bars, one lane for each name, on the time axis of the charts, each with the time of its recovery. */
export function lanes({ faults, recoveries }: Pick<RunResult, 'faults' | 'recoveries'>, seconds: number): Markup {
  if (faults.length === 0) return html`<p class="soft">No fault was set.</p>`;
  const x = (ms: number) => Math.round(LEFT + (PLOT.width * Math.min(ms / 1000, seconds)) / Math.max(1, seconds));
  const lanes = Object.entries(Object.groupBy(faults, ({ name }) => name));
  const rows = lanes.map(([name, own = []], index) => {
    const y = index * LANE;
    const bars = own.map(({ from, to }) => {
      const [start, end] = [x(from), x(to ?? seconds * 1000)];
      const recovery = recoveries.find((one) => one.fault === name && one.endedAt === to);
      const after = recovery?.seconds === undefined ? 0 : x((to ?? 0) + recovery.seconds * 1000) - end;
      return { start, end, after };
    });
    const { start = 0, end = 0 } = bars[0] ?? {};
    const right = start > WIDTH / 2 && own.length === 1;
    return html`<text x="${right ? Math.max(end, start + 4) : start}" y="${y + 14}" text-anchor="${right ? 'end' : 'start'}">${name}</text>
      ${bars.map((bar) => barMarkup(bar, y))}`;
  });
  const tones = [
    { name: 'active', tone: 'queued' },
    { name: 'until recovered', tone: 'p95' },
  ];
  return html`<figure class="chart"><figcaption><span>Faults</span>${legend(tones)}</figcaption>
    <div class="plot"><svg class="lanes" viewBox="0 0 ${WIDTH} ${lanes.length * LANE}" role="img" aria-label="Faults over time">${rows}</svg></div></figure>`;
}

const barMarkup = ({ start, end, after }: Record<'start' | 'end' | 'after', number>, y: number): Markup =>
  html`<rect class="bar" x="${start}" y="${y + 20}" width="${Math.max(3, end - start)}" height="8" rx="2"/>
    <rect class="rec" x="${Math.max(end, start + 3)}" y="${y + 22}" width="${after}" height="4"/>`;
