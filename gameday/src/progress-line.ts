import type { Progress } from './runner/announce.ts';

const EVERY_LINES_MS = 5_000;

/** Shows the progress of a run. A terminal gets one line, rewritten in place; other outputs get a line every five seconds. */
export function progressLine(name: string, out: NodeJS.WriteStream) {
  let lastAt = 0;
  let lastPhase = '';
  return {
    show(progress: Progress): void {
      const text = `${name}  ${describe(progress)}`;
      if (out.isTTY) {
        out.write(`\r\x1b[2K${text.slice(0, (out.columns || 120) - 1)}`);
        return;
      }
      if (progress.phase === lastPhase && progress.ms - lastAt < EVERY_LINES_MS) return;
      lastAt = progress.ms;
      lastPhase = progress.phase;
      out.write(`${text}\n`);
    },
    end(): void {
      if (out.isTTY) out.write('\r\x1b[2K');
    },
  };
}

const PHASES: Record<Progress['phase'], string> = {
  before: 'preparing',
  load: 'running',
  rollback: 'rolling back',
  drain: 'draining',
  check: 'checking the databases',
  closing: 'stopping the system',
};

/** Such as `running 12/60 s  712 orders (640 confirmed, 60 queued, 12 refused)  p99 84 ms  faults: inventory is down`. */
export function describe({ phase, ms, durationMs, tally, faults, violations }: Progress): string {
  const { totals, latency } = tally;
  const clock = phase === 'load' ? ` ${(Math.min(ms, durationMs) / 1000) | 0}/${Math.round(durationMs / 1000)} s` : '';
  const orders = `${totals.placed} orders (${totals.confirmed} confirmed, ${totals.queued} queued, ${totals.refused} refused)`;
  const parts = [`${PHASES[phase]}${clock}`, orders, `p99 ${Math.round(latency.quantile(0.99))} ms`];
  if (faults.length > 0) parts.push(`faults: ${faults.join(', ')}`);
  if (violations > 0) parts.push(`${violations} VIOLATIONS`);
  return parts.join('  ');
}
