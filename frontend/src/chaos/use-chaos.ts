import type { failpoints } from '@valerix/contracts';
import { DEFAULT_FAULT_SECONDS } from '@valerix/contracts/plain';
import { useState } from 'react';
import { formatSpan, formatTime } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import type { AnswerOf } from '../browser/http.ts';
import { usePages, useRead } from '../browser/use-read.ts';
import { useAction } from '../browser/use-task.ts';
import type { WholeAudit } from '../live/whole-audit.ts';

export function useFailpoints() {
  const enabled = useSession().operator === true;
  return useRead<AnswerOf<typeof failpoints>>(['failpoints'], '/api/admin/chaos/failpoints', {
    enabled,
    staleTime: 60_000,
  });
}

export function useAudit() {
  const enabled = useSession().operator === true;
  return usePages<WholeAudit>(['audit'], '/api/admin/chaos/audit', { enabled, every: 10_000 });
}

/** The operator's reason. The audit records it with every change, beside the name that the operator is signed in with. */
export function useWho() {
  const [reason, setReason] = useState('');
  return { reason, setReason, audited: { reason: reason.trim().slice(0, 500) || 'not given' } };
}
export type Who = ReturnType<typeof useWho>;

/** Changes chaos, and reloads the audit. */
export const useChaosAction = () => useAction(['audit']);

/** Arms a fault, or presets at another `path`, and says when and for how long. This stays true after the fault ends. */
export function useArm(who: Who, path = '/api/admin/chaos/faults') {
  const action = useChaosAction();
  const [ttl, setTtl] = useState<number>(DEFAULT_FAULT_SECONDS);
  const arm = (values: object) => {
    const words = `Armed at ${formatTime(new Date().toISOString())} for ${formatSpan(ttl * 1000)}.`;
    return action.send('POST', path, { ...values, ttl_seconds: ttl, ...who.audited }, words);
  };
  return { action, ttl, setTtl, arm };
}
