import { RUN_LIMITS } from '../experiment/valerix-extension.ts';
import { TargetError } from '../targets/target.ts';

/** The options of the command line; each command takes some of them. */
export type Flags = Partial<
  Record<'duration' | 'rate' | 'seed' | 'target' | 'namespace' | 'report', string> &
    Record<'attach' | 'yes' | 'laboratory' | 'running', boolean>
>;

/** The number of a flag; undefined when it was not given. @throws {TargetError} for a value that no experiment may have */
export function numberOf(text: string | undefined, flag: keyof typeof RUN_LIMITS): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const { min, max, whole } = { whole: false, ...RUN_LIMITS[flag] };
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw new TargetError(`--${flag} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not "${text}".`);
}
