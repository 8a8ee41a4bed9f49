import { RUN_LIMITS } from '../experiment/valerix-extension.ts';
import { TargetError } from '../targets/target.ts';

/** The options of the command line, as `parseArgs` takes them. */
export const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  duration: { type: 'string' },
  rate: { type: 'string' },
  seed: { type: 'string' },
  target: { type: 'string' },
  attach: { type: 'boolean' },
  yes: { type: 'boolean' },
  namespace: { type: 'string' },
  report: { type: 'string' },
  laboratory: { type: 'boolean' },
  running: { type: 'boolean' },
} as const;

/** The options of one command line. */
export type Flags = {
  [K in keyof typeof OPTIONS]?: ((typeof OPTIONS)[K]['type'] extends 'string' ? string : boolean) | undefined;
};

/** The number of a flag; undefined when it was not given. @throws {TargetError} for a value that no experiment may have */
export function numberOf(text: string | undefined, flag: keyof typeof RUN_LIMITS): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const { min, max, whole } = { whole: false, ...RUN_LIMITS[flag] };
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw new TargetError(`--${flag} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not "${text}".`);
}
