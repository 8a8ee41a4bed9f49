import type { FaultWindow } from '../runner/fault-log.ts';
import type { Recovery } from '../runner/recovery.ts';
import { LEFT, PLOT, WIDTH } from './chart.ts';
import { html, type Markup } from './html.ts';

const LANE = 36;

/** The faults as bars under each other, on the time axis of the charts, each with the time the system took to recover. */
export function lanes(faults: readonly FaultWindow[], recoveries: readonly Recovery[], seconds: number): Markup {
  if (faults.length === 0) return html`<p class="soft">No fault was set.</p>`;
  const x = (ms: number) => Math.round(LEFT + (PLOT.width * Math.min(ms / 1000, seconds)) / Math.max(1, seconds));
  const names = [...new Set(faults.map(({ name }) => name))];
  const rows = names.map((lane, index) => {
    const y = index * LANE;
    const own = faults.filter(({ name }) => name === lane);
    const start = x(own[0]?.from ?? 0);
    const right = start > WIDTH / 2 && own.length === 1;
    const end = x(own[0]?.to ?? seconds * 1000);
    return html`<text x="${right ? Math.max(end, start + 4) : start}" y="${y + 14}" text-anchor="${right ? 'end' : 'start'}">${lane}</text>
      ${own.map((fault) => bar(fault, recoveries, y, x, seconds))}`;
  });
  return html`<figure class="chart"><figcaption><span>Faults</span><span class="legend"><span><i class="queued"></i>lasts</span><span><i class="p95"></i>until recovered</span></span></figcaption>
    <div class="plot"><svg class="lanes" viewBox="0 0 ${WIDTH} ${names.length * LANE}" role="img" aria-label="Faults over time">${rows}</svg></div></figure>`;
}

function bar(
  { name, from, to }: FaultWindow,
  recoveries: readonly Recovery[],
  y: number,
  x: (ms: number) => number,
  seconds: number,
): Markup {
  const recovery = recoveries.find((one) => one.fault === name && one.endedAt === to);
  const [start, end] = [x(from), x(to ?? seconds * 1000)];
  const after = recovery?.seconds === undefined ? 0 : x((to ?? 0) + recovery.seconds * 1000) - end;
  return html`<rect class="bar" x="${start}" y="${y + 20}" width="${Math.max(3, end - start)}" height="8" rx="2"/>
    <rect class="rec" x="${Math.max(end, start + 3)}" y="${y + 22}" width="${after}" height="4"/>`;
}
