import { replaceEqualDeep, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ChaosState } from '@valerix/contracts';
import { createContext, useCallback, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { CHAOS_OFF, type LiveState } from '../live/live-types.ts';
import { fetchJson } from './http.ts';
import { type Live, LiveStore } from './live-store.ts';
import { readStored, writeStored } from './storage.ts';

const store = new LiveStore();

/** The live data. Each message renders the component again. */
export function useLive(): Live {
  return useSyncExternalStore(store.subscribe, store.get, store.getServer);
}

/** A part of the live data. The component renders again only when that part has changed. */
export function useLiveOf<T>(select: (live: Live) => T): T {
  const last = useRef<{ live: Live; select: unknown; value: T } | null>(null);
  const read = (live: Live): T => {
    if (last.current?.live !== live || last.current.select !== select) {
      // An equal value stays the same object.
      last.current = { live, select, value: replaceEqualDeep(last.current?.value, select(live)) };
    }
    return last.current.value;
  };
  return useSyncExternalStore(
    store.subscribe,
    () => read(store.get()),
    () => read(store.getServer()),
  );
}

/** One timer for all components, so that a second renders the page once. It rests while the tab is hidden. */
const clock = {
  now: 0,
  timer: undefined as ReturnType<typeof setInterval> | undefined,
  listeners: new Set<() => void>(),
  subscribe(listener: () => void): () => void {
    clock.listeners.add(listener);
    clock.timer ??= setInterval(clock.read, 1000);
    if (clock.now === 0) clock.read();
    return () => {
      clock.listeners.delete(listener);
      if (clock.listeners.size > 0) return;
      clearInterval(clock.timer);
      clock.timer = undefined;
    };
  },
  read(): void {
    if (document.hidden && clock.now !== 0) return;
    clock.now = Date.now();
    for (const listener of clock.listeners) listener();
  },
};
const readClock = () => clock.now;

/** This browser's clock, read every second; 0 until the page runs in a browser. */
const useNow = (): number => useSyncExternalStore(clock.subscribe, readClock, () => 0);

/** Data older than this is no longer current. */
const STALE_AFTER_MS = 4_000;

const isSilent = (): boolean => {
  const { received_at_ms } = store.get();
  return received_at_ms !== null && clock.now - received_at_ms > STALE_AFTER_MS;
};

function onSecondOrMessage(listener: () => void): () => void {
  const ends = [store.subscribe(listener), clock.subscribe(listener)];
  return () => {
    for (const end of ends) end();
  };
}

/** Whether the page's data is no longer current. Renders the component only when that changes. */
export const useSilent = (): boolean => useSyncExternalStore(onSecondOrMessage, isSilent, () => false);

/** A part of the live state while it is current: `null` before the first message and once the server is silent. */
export function useFresh<T>(select: (state: LiveState) => T): T | null {
  const value = useLiveOf(({ state }) => (state === null ? null : select(state)));
  return useSilent() ? null : value;
}

/** The time since the last message, `null` before the first; `silent` once the page's data is no longer current. */
export function useSilence() {
  const { received_at_ms } = useLive();
  const now = useNow();
  const silence = received_at_ms === null || now === 0 ? null : Math.max(0, now - received_at_ms);
  return { silence, silent: silence !== null && silence > STALE_AFTER_MS };
}

/** The live state while it is current: `null` before the first message and once the server is silent. */
export function useFreshState(): LiveState | null {
  const { state } = useLive();
  return useSilence().silent ? null : state;
}

/**
 * The last known state of chaos and its age. `fresh` is `null` while it is unknown: every service or the dashboard server is silent, or
 * Redis, which holds the faults, cannot be read. `may_return` then has the faults that were armed before.
 */
export function useChaos() {
  const { state } = useLive();
  const silence = useSilence().silence ?? 0;
  const { value = null, error: failure = null, age_ms = null } = state?.chaos ?? {};
  const age = age_ms === null ? null : age_ms + silence;
  const isPartial = value?.faults_known === false && !value.halt.halted;
  const fresh = age !== null && age <= STALE_AFTER_MS && !isPartial ? value : null;
  const error = failure ?? (isPartial ? 'Redis, which holds the faults, cannot be read' : null);
  const mayReturn = state?.may_return ?? [];
  return { chaos: value, error, age_ms: age, fresh, may_return: mayReturn, off: error === CHAOS_OFF };
}

/** The state of chaos, if it is known at that moment. */
export function knownChaos({ chaos: { value, age_ms } }: LiveState): ChaosState | null {
  if (value === null || age_ms === null || age_ms > STALE_AFTER_MS) return null;
  return value.faults_known === false && !value.halt.halted ? null : value;
}

export interface SessionView {
  readonly operator: boolean;
  /** Who is signed in; `null` for a guest. */
  readonly name: string | null;
  /** Signed in with an account, not by link or token. */
  readonly account: boolean;
  /** Looks on with a class, and changes nothing. */
  readonly viewer: boolean;
  /** `ended`: this browser's session no longer counts. `over`: its class is over. `stale`: identity-service did not renew it. */
  readonly state: 'ok' | 'ended' | 'over' | 'stale';
  /** Where people have their accounts: with identity-service, or at an OpenID provider. */
  readonly accounts: boolean;
  readonly provider: boolean;
  readonly access: 'open' | 'closed';
}

/** The session that the server saw when it made the page. */
export const FirstSession = createContext<SessionView | null>(null);

/** The session of this browser. `operator` is undefined while unknown. */
export function useSession(): Partial<SessionView> & { readonly refresh: () => Promise<void> } {
  const first = useContext(FirstSession);
  const query = useQuery({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => fetchJson<SessionView>('GET', '/api/session', { signal }),
    ...(first === null ? {} : { initialData: first }),
    // Polled because a session expires, and read when the tab is shown again because another tab may have ended it.
    staleTime: 0,
    refetchInterval: 60_000,
    refetchOnMount: false,
  });
  const client = useQueryClient();
  const refresh = useCallback(() => client.invalidateQueries({ queryKey: SESSION_KEY }), [client]);
  return { ...query.data, refresh };
}
export const SESSION_KEY = ['session'];

/** A value stored in this browser. It is read after the first render, which must equal the server's. */
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
