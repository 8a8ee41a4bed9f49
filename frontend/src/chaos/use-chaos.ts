'use client';

import { auditPage, failpoints } from '@valerix/contracts';
import { useState } from 'react';
import { formatSpan, formatTime } from '../browser/format.ts';
import { OPERATOR_NAME_KEY, useLive, useSession, useSilence, useStored } from '../browser/hooks.ts';
import { usePages, useRead } from '../browser/use-read.ts';
import { useAction } from '../browser/use-task.ts';

/** The state of chaos as received last, and how old it is. */
export function useChaosState() {
  const { state } = useLive();
  const silence = useSilence() ?? 0;
  const { value = null, error = null, age_ms = null } = state?.chaos ?? {};
  return { chaos: value, error, age_ms: age_ms === null ? null : age_ms + silence };
}

export function useFailpoints() {
  const enabled = useSession().operator === true;
  return useRead(['failpoints'], failpoints, '/api/admin/chaos/failpoints', { enabled, staleTime: 60_000 });
}

export function useAudit() {
  const enabled = useSession().operator === true;
  return usePages(['audit'], auditPage, '/api/admin/chaos/audit', { enabled, every: 10_000 });
}

/** Who acts and why, kept in this browser: every change of chaos leaves both in the audit. */
export function useWho() {
  const [name, setName] = useStored(OPERATOR_NAME_KEY, '');
  const [reason, setReason] = useState('');
  return {
    name,
    setName,
    reason,
    setReason,
    created_by: name.trim() === '' ? 'operator' : name.trim().slice(0, 100),
    why: reason.trim() === '' ? 'not given' : reason.trim().slice(0, 500),
  };
}
export type Who = ReturnType<typeof useWho>;

/** Changes chaos; the audit is read again after it. */
export const useChaosAction = () => useAction('audit');

/** Says when and for how long, so that it stays true when the fault has ended. */
export function armedWords(ttlSeconds: number): string {
  return `Armed at ${formatTime(new Date().toISOString())} for ${formatSpan(ttlSeconds * 1000)}.`;
}
