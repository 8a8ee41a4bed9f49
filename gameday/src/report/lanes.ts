import type { FaultWindow } from '../runner/fault-log.ts';
import type { Recovery } from '../runner/recovery.ts';
import { LEFT, PLOT, WIDTH } from './chart.ts';
import { html, type Markup } from './html.ts';

const LANE = 36;

/** The faults as bars under each other, on the time axis of the charts, each with the time the system took to recover. */
export function lanes(faults: readonly FaultWindow[], recoveries: readonly Recovery[], seconds: number): Markup {
  if (faults.length === 0) return html`<p class="soft">No fault was set.</p>`;
  const x = (ms: number) => Math.round(LEFT + (PLOT.width * Math.min(ms / 1000, seconds)) / Math.max(1, seconds));
  const rows = faults.map(({ name, from, to }, index) => {
    const recovery = recoveries.find((one) => one.fault === name && one.endedAt === to);
    const [start, end] = [x(from), x(to ?? seconds * 1000)];
    const y = index * LANE;
    const after = recovery?.seconds === undefined ? 0 : x((to ?? 0) + recovery.seconds * 1000) - end;
    const right = start > WIDTH / 2;
    return html`<text x="${right ? Math.max(end, start + 4) : start}" y="${y + 14}" text-anchor="${right ? 'end' : 'start'}">${name}</text>
      <rect class="bar" x="${start}" y="${y + 20}" width="${Math.max(4, end - start)}" height="8" rx="2"/>
      <rect class="rec" x="${Math.max(end, start + 4)}" y="${y + 22}" width="${after}" height="4"/>`;
  });
  return html`<figure class="chart"><figcaption><span>Faults</span><span class="legend"><span><i class="queued"></i>lasts</span><span><i class="p95"></i>until recovered</span></span></figcaption>
    <div class="plot"><svg class="lanes" viewBox="0 0 ${WIDTH} ${faults.length * LANE}" role="img" aria-label="Faults over time">${rows}</svg></div></figure>`;
}
