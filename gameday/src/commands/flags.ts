import { resolve } from 'node:path';
import type { GamedayVerdict } from '@valerix/contracts';
import type { Config } from '../config.ts';
import { RUN_LIMITS } from '../experiment/valerix-extension.ts';
import { gamedaysFolder } from '../run-folder/run-folder.ts';
import { TargetError } from '../targets/target.ts';

/** The options of the command line; each command takes some of them. */
export type Flags = Partial<
  Record<'duration' | 'rate' | 'seed' | 'target' | 'namespace' | 'report' | 'junit' | 'summary' | 'baseline', string> &
    Record<'attach' | 'yes' | 'laboratory' | 'running' | 'writeBaseline', boolean>
>;

/** The number of a flag; undefined when it was not given. @throws {TargetError} for a value that no experiment may have */
export function numberOf(text: string | undefined, flag: keyof typeof RUN_LIMITS): number | undefined {
  if (text === undefined) return undefined;
  const { min, max, whole, units } = { whole: false, units: { '': 1 }, ...RUN_LIMITS[flag] };
  const [, digits = '', unit = ''] = /^\s*(.*?[\d.])\s*([a-z]*)\s*$/.exec(text) ?? [];
  const value = Number(digits || Number.NaN) * ((units as Record<string, number>)[unit] ?? Number.NaN);
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  const kind = `a ${whole ? 'whole ' : ''}number from ${min} to ${max}${flag === 'duration' ? ', or such as 15m or 2h' : ''}`;
  throw new TargetError(`--${flag} must be ${kind}, not "${text}".`);
}

/** The folder of the runs. */
export const parentOf = (config: Config, { report }: Flags): string =>
  report ? resolve(report) : gamedaysFolder(config.home);

const WORST_FIRST: readonly GamedayVerdict[] = ['FAIL', 'INCONCLUSIVE', 'PASS'];

/** The worst of some verdicts; PASS for none. */
export const worstOf = (verdicts: readonly GamedayVerdict[]): GamedayVerdict =>
  WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'PASS';
