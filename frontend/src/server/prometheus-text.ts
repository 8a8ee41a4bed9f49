export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The rest of a larger scrape is ignored: such a service has a label without a bound. */
const MAX_SAMPLES = 20_000;

const SERIES = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/**
 * Reads the Prometheus text format, version 0.0.4. Skips lines that are not samples.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parsePrometheusText(text: string): MetricSample[] {
  const samples: MetricSample[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const match = SERIES.exec(line);
    if (match === null) continue;
    const value = Number((match[3] ?? '').replace('Inf', 'Infinity'));
    if (Number.isNaN(value)) continue;
    samples.push({ name: match[1] ?? '', labels: parseLabels(match[2] ?? ''), value });
    if (samples.length >= MAX_SAMPLES) break;
  }
  return samples;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const match of text.matchAll(LABEL)) {
    labels[match[1] ?? ''] = (match[2] ?? '').replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  }
  return labels;
}
