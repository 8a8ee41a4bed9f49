'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { act, type Method } from './http.ts';

/** Runs one task at a time and keeps what came of the last. */
export function useTask() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  /** Resolves with the task's value, or `null` when it failed. */
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

/** Sends requests that change something, one at a time. What `refresh` names is read again after each success. */
export function useAction(...refresh: readonly string[]) {
  const client = useQueryClient();
  const { busy, error, run } = useTask();
  const [done, setDone] = useState<string | null>(null);
  /** Resolves with whether it succeeded; then `done` holds the words given here, until the next request. */
  const send = async (method: Method, path: string, body?: unknown, words: string | null = null): Promise<boolean> => {
    setDone(null);
    const sent = await run(async () => {
      await act(method, path, body);
      setDone(words);
      for (const key of refresh) await client.invalidateQueries({ queryKey: [key] });
      return true;
    });
    return sent !== null;
  };
  return { busy, error, done, send };
}
export type Action = ReturnType<typeof useAction>;
