import { isDeepStrictEqual } from 'node:util';
import { type JSONValue, query } from 'json-p3';
import { pythonRegExp, type Tolerance } from '../experiment/schema.ts';
import { parsed } from './providers.ts';
import { textOf } from './substitute.ts';

/**
 * True when the output of a probe is within its tolerance, by the rules of the Chaos Toolkit (`chaoslib/hypothesis.py`).
 * `runActivity` handles a tolerance of type probe, which must be run.
 */
export function isTolerated(tolerance: Exclude<Tolerance, { type: 'probe' }>, output: unknown): boolean {
  const status = field(output, 'status');
  if (typeof tolerance === 'boolean' || typeof tolerance === 'string') return output === tolerance;
  if (typeof tolerance === 'number') return (status ?? output) === tolerance;
  if (Array.isArray(tolerance)) {
    if (status !== undefined) return tolerance.includes(status as number);
    const [low, high] = tolerance as [number, number];
    if (tolerance.length === 2 && typeof output === typeof low)
      return low <= (output as number) && (output as number) <= high;
    return tolerance.includes(output as number);
  }
  const value = tolerance.target === undefined ? output : (field(output, tolerance.target) ?? output);
  switch (tolerance.type) {
    case 'regex':
      return pythonRegExp(tolerance.pattern).test(textOf(value));
    case 'range':
      return isNumeric(value) && Number(value) >= tolerance.range[0] && Number(value) <= tolerance.range[1];
    case 'jsonpath': {
      const found = query(tolerance.path, (typeof value === 'string' ? parsed(value) : value) as JSONValue).values();
      const { expect, count } = tolerance;
      if (expect !== undefined) return isDeepStrictEqual(found, Array.isArray(expect) ? expect : [expect]);
      return count === undefined ? found.length > 0 : found.length === count;
    }
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)));
