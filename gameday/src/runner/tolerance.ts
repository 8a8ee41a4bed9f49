import type { Tolerance } from '../experiment/schema.ts';

/** True when what a probe gave is within its tolerance, by the rules of the Chaos Toolkit. */
export function isTolerated(tolerance: Tolerance, output: unknown): boolean {
  const status = field(output, 'status');
  if (typeof tolerance === 'boolean' || typeof tolerance === 'string') return output === tolerance;
  if (typeof tolerance === 'number') return (status ?? output) === tolerance;
  if (Array.isArray(tolerance)) {
    if (status !== undefined) return tolerance.includes(status as number);
    const [low, high] = tolerance;
    if (tolerance.length === 2 && typeof output === 'number') return output >= Number(low) && output <= Number(high);
    return tolerance.includes(output as number);
  }
  const value = tolerance.target === undefined ? output : (field(output, tolerance.target) ?? output);
  if (tolerance.type === 'regex') return new RegExp(tolerance.pattern).test(textOf(value));
  if (tolerance.type === 'range') {
    const number = Number(value);
    return number >= tolerance.range[0] && number <= tolerance.range[1];
  }
  const found = select(typeof value === 'string' ? parsed(value) : value, tolerance.path);
  if (tolerance.expect !== undefined) {
    const expected = Array.isArray(tolerance.expect) ? tolerance.expect : [tolerance.expect];
    return JSON.stringify(found) === JSON.stringify(expected);
  }
  return tolerance.count === undefined ? found.length > 0 : found.length === tolerance.count;
}

/** The values at a JSONPath of names, indexes and `*`: `$.queue.depth`, `$.items[*].status`. */
export function select(value: unknown, path: string): unknown[] {
  const steps = path.replace(/^\$\.?/, '').match(/[^.[\]]+/g) ?? [];
  return steps.reduce<unknown[]>(
    (values, step) => {
      if (step === '*') return values.flatMap((one) => (typeof one === 'object' && one ? Object.values(one) : []));
      return values.map((one) => field(one, step.replace(/^['"]|['"]$/g, ''))).filter((one) => one !== undefined);
    },
    [value],
  );
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
