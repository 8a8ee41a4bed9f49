'use client';

import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { auditPage, failpoints } from '@valerix/contracts';
import { useState } from 'react';
import { OPERATOR_NAME_KEY, useLive, useSession, useSilence, useStored } from '../browser/hooks.ts';
import { act, fetchJson, type Method } from '../browser/http.ts';
import { useLastError } from '../browser/last-error.ts';

/** The state of chaos as received last, and how old it is. */
export function useChaosState() {
  const { state } = useLive();
  const silence = useSilence() ?? 0;
  const reading = state?.chaos ?? null;
  return {
    chaos: reading?.value ?? null,
    error: reading?.error ?? null,
    age_ms: reading?.age_ms == null ? null : reading.age_ms + silence,
  };
}

export function useFailpoints() {
  const { operator } = useSession();
  return useQuery({
    queryKey: ['failpoints'],
    enabled: operator === true,
    staleTime: 60_000,
    queryFn: ({ signal }) => fetchJson(failpoints, 'GET', '/api/admin/chaos/failpoints', { signal }),
  });
}

export function useAudit() {
  const { operator } = useSession();
  const query = useInfiniteQuery({
    queryKey: ['audit'],
    enabled: operator === true,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      fetchJson(auditPage, 'GET', '/api/admin/chaos/audit', { signal, params: { cursor: pageParam } }),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: 10_000,
  });
  return useLastError(query);
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

export interface Action {
  readonly busy: boolean;
  readonly error: string | null;
  /** What was done, in the words given to `run`, until the next request. */
  readonly done: string | null;
  readonly run: (method: Method, path: string, body?: unknown, done?: string) => Promise<boolean>;
}

/** Sends operator's requests one at a time and keeps what came of the last. */
export function useAction(): Action {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const run = async (method: Method, path: string, body?: unknown, words: string | null = null) => {
    setBusy(true);
    setError(null);
    setDone(null);
    try {
      await act(method, path, body);
      setDone(words);
      await client.invalidateQueries({ queryKey: ['audit'] });
      return true;
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, done, run };
}
