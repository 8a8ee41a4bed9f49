import { TargetError } from '../targets/target.ts';

/** The number of a flag; undefined when it was not given. @throws {TargetError} for what is no number above 0 */
export function positive(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0) || value > 1_000_000) throw new TargetError(`--${flag} must be a number above 0, not "${text}".`);
  return value;
}
