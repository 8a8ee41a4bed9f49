'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ChaosState } from '@valerix/contracts';
import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { LiveState } from '../live/live-types.ts';
import { fetchJson } from './http.ts';
import { type Live, LiveStore } from './live-store.ts';

const store = new LiveStore();

/** Everything live. Renders again at each message. */
export function useLive(): Live {
  return useSyncExternalStore(store.subscribe, store.get, store.getServer);
}

/** The present, by this browser's clock, renewed every second. 0 until the page runs in a browser. */
function useNow(): number {
  const [now, setNow] = useState(0);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Older than this, what is on the page is no longer the present. */
export const STALE_AFTER_MS = 4_000;

/** How long ago the dashboard server was last heard; `null` before the first message. */
export function useSilence(): number | null {
  const { received_at_ms } = useLive();
  const now = useNow();
  return received_at_ms === null || now === 0 ? null : Math.max(0, now - received_at_ms);
}

/** Everything live as long as it is the present: `null` before the first message and once the server is silent. */
export function useFreshState(): LiveState | null {
  const { state } = useLive();
  const silence = useSilence();
  return silence !== null && silence > STALE_AFTER_MS ? null : state;
}

/** The state of chaos as long as it is the present; `null` too when only the warehouse, which knows it, is silent. */
export function useFreshChaos(): ChaosState | null {
  const { state } = useLive();
  const silence = useSilence() ?? 0;
  const { value = null, age_ms = null } = state?.chaos ?? {};
  return age_ms !== null && age_ms + silence <= STALE_AFTER_MS ? value : null;
}

export interface SessionView {
  readonly operator: boolean;
  readonly expires_at: string | null;
  readonly password: boolean;
}

/** Who the server took this browser for when it made the page. */
export const FirstSession = createContext<SessionView | null>(null);

const sessionParser = {
  parse(value: unknown): SessionView {
    const body = value as Partial<SessionView>;
    if (typeof body?.operator !== 'boolean') throw new TypeError('not a session');
    return { operator: body.operator, expires_at: body.expires_at ?? null, password: body.password === true };
  },
};

/** Who this browser is. `operator` is undefined while that is not known. */
export function useSession() {
  const first = useContext(FirstSession);
  const query = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => fetchJson(sessionParser, 'GET', '/api/session', { signal }),
    ...(first === null ? {} : { initialData: first }),
    // Asked again in time to notice that the session has ended, and whenever the tab is seen again: another tab may have
    // ended it.
    staleTime: 0,
    refetchInterval: 60_000,
    refetchOnMount: false,
  });
  const client = useQueryClient();
  const refresh = useCallback(() => client.invalidateQueries({ queryKey: ['session'] }), [client]);
  return { operator: query.data?.operator, password: query.data?.password ?? false, refresh };
}

/** A value kept in this browser. Reads after the first render, so that server and browser agree on the first. */
export function useStored(key: string, initial: string): [string, (value: string) => void] {
  const [value, setValue] = useState(initial);
  useEffect(() => {
    const stored = readStored(key);
    if (stored !== null) setValue(stored);
  }, [key]);
  return [
    value,
    (next) => {
      setValue(next);
      writeStored(key, next);
    },
  ];
}

/** Where the name that an operator gave for the audit is kept. */
export const OPERATOR_NAME_KEY = 'valerix.operator-name';

/** `localStorage` may be switched off; the page works without it. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Private mode or no space: the value lives until the page closes.
  }
}
