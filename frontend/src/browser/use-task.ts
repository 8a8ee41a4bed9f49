import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { act, type Method } from './http.ts';

/** Runs a task and keeps its error. Unlike `useMutation`, it is busy from the very render that follows the click. */
export function useTask() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  /** Resolves with the task's value, or `null` if it failed. */
  const run = async <T>(task: () => Promise<T>): Promise<T | null> => {
    setBusy(true);
    setError(null);
    try {
      return await task();
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
      return null;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run, clear: () => setError(null) };
}

/**
 * Sends a request that changes something, and then reloads the queries with these keys. It reloads them after a failure
 * too, because the outcome may be unknown.
 */
export function useAction(...refresh: ReadonlyArray<QueryKey>) {
  const client = useQueryClient();
  const { busy, error, run } = useTask();
  const [done, setDone] = useState<string | null>(null);
  /** Resolves with whether it succeeded. `done` then holds `words` until the next request. */
  const send = async (method: Method, path: string, body?: unknown, words: string | null = null): Promise<boolean> => {
    setDone(null);
    const sent = await run(async () => {
      try {
        await act(method, path, { body });
        setDone(words);
      } finally {
        for (const queryKey of refresh) await client.invalidateQueries({ queryKey });
      }
      return true;
    });
    return sent !== null;
  };
  return { busy, error, done, send };
}
export type Action = ReturnType<typeof useAction>;
