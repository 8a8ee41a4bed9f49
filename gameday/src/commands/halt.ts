import { haltSystem } from '@valerix/local-stack/commands/halt';
import { addressesOf } from '@valerix/local-stack/commands/operator';
import { MANDATORY_KEYS, urlVariable } from '@valerix/system';
import type { Config } from '../config.ts';
import { requireTargetKind } from '../targets/open-target.ts';
import { requireVariables } from '../targets/stack-env.ts';
import type { Flags } from './flags.ts';

/**
 * Ends all faults of the running stack, or of a namespace at the addresses in the environment.
 * @returns 0 when every process has confirmed it, else 1 @throws {TargetError} when an address is missing
 */
export function haltCommand(config: Config, flags: Flags): Promise<number> {
  if (requireTargetKind(flags) === 'local') return haltSystem(addressesOf(config.home));
  requireVariables(config.env, [...MANDATORY_KEYS.map(urlVariable), 'OPERATOR_TOKEN']);
  return haltSystem(config.env);
}
