import { RUN_LIMITS } from '../experiment/valerix-extension.ts';
import { TargetError } from '../targets/target.ts';

/** The number of a flag; undefined when it was not given. @throws {TargetError} for what no experiment could say either */
export function numberOf(text: string | undefined, flag: keyof typeof RUN_LIMITS): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const { min, max, whole } = { whole: false, ...RUN_LIMITS[flag] };
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw new TargetError(`--${flag} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not "${text}".`);
}
