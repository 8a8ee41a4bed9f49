import { DEFAULT_FAULT_SECONDS, failpoints } from '@valerix/contracts';
import { useState } from 'react';
import { formatSpan, formatTime } from '../browser/format.ts';
import { OPERATOR_NAME_KEY, useSession, useStored } from '../browser/hooks.ts';
import { usePages, useRead } from '../browser/use-read.ts';
import { useAction } from '../browser/use-task.ts';
import { wholeAudit } from '../live/whole-audit.ts';

export function useFailpoints() {
  const enabled = useSession().operator === true;
  return useRead(['failpoints'], failpoints, '/api/admin/chaos/failpoints', { enabled, staleTime: 60_000 });
}

export function useAudit() {
  const enabled = useSession().operator === true;
  return usePages(['audit'], wholeAudit, '/api/admin/chaos/audit', { enabled, every: 10_000 });
}

/** The operator's name, kept in this browser, and reason. The audit records both with every change. */
export function useWho() {
  const [name, setName] = useStored(OPERATOR_NAME_KEY, '');
  const [reason, setReason] = useState('');
  const audited = {
    created_by: name.trim().slice(0, 100) || 'operator',
    reason: reason.trim().slice(0, 500) || 'not given',
  };
  return { name, setName, reason, setReason, audited };
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
