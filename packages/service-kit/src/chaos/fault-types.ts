import type { FaultType } from '@valerix/contracts';
import type { FaultKind } from './fault-kind.ts';
import { crash } from './types/crash.ts';
import { dependencyRefuse } from './types/dependency-refuse.ts';
import { dependencySlow } from './types/dependency-slow.ts';
import { dropResponse } from './types/drop-response.ts';
import { error } from './types/error.ts';
import { hang } from './types/hang.ts';
import { latency } from './types/latency.ts';
import { reset } from './types/reset.ts';

/** Every type of fault, once. */
export const FAULT_KINDS = {
  latency,
  error,
  reset,
  'drop-response': dropResponse,
  crash,
  hang,
  'dependency-slow': dependencySlow,
  'dependency-refuse': dependencyRefuse,
} as const satisfies { [T in FaultType]: FaultKind & { type: T } };
