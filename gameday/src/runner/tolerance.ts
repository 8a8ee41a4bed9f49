import { isDeepStrictEqual } from 'node:util';
import { type JSONValue, query } from 'json-p3';
import type { Tolerance } from '../experiment/schema.ts';
import { parsed } from './providers.ts';

/** True when the output of a probe is within its tolerance, by the rules of the Chaos Toolkit. */
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
  const found = query(tolerance.path, (typeof value === 'string' ? parsed(value) : value) as JSONValue).values();
  const { expect, count } = tolerance;
  // A path that matches nothing is usually a mistake; only `count: 0` expects it.
  const enough = count === undefined ? found.length > 0 : found.length === count;
  if (!enough || expect === undefined) return enough;
  return isDeepStrictEqual(found, expect) || isDeepStrictEqual(found, [expect]);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
