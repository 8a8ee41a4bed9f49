'use client';

import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { experimentList, gamedayAnswer, gamedayDetail, gamedayPage, type StartGamedayBody } from '@valerix/contracts';
import { useEffect, useState } from 'react';
import { ApiError, fetchJson } from '../browser/http.ts';
import { useLastError } from '../browser/last-error.ts';
import { followRun, type LiveRun } from './run-stream.ts';

const PAGE = 15;
const AGAIN_MS = 5_000;

export function useExperiments() {
  const query = useQuery({
    queryKey: ['experiments'],
    staleTime: 60_000,
    queryFn: ({ signal }) => fetchJson(experimentList, 'GET', '/api/experiments', { signal }),
    refetchInterval: ({ state }) => (state.status === 'error' ? AGAIN_MS : false),
  });
  return useLastError(query);
}

/** The runs of the laboratory, newest first; asked for again every few seconds, since terminals start some too. */
export function useGamedays() {
  const query = useInfiniteQuery({
    queryKey: ['gamedays'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      fetchJson(gamedayPage, 'GET', '/api/gamedays', { signal, params: { cursor: pageParam, limit: PAGE } }),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: AGAIN_MS,
  });
  return useLastError(query);
}

/** One run: read once, then followed as long as it goes on. */
export function useRun(id: string) {
  const path = `/api/gamedays/${encodeURIComponent(id)}`;
  const query = useQuery({
    queryKey: ['gameday', id],
    queryFn: ({ signal }) => fetchJson(gamedayDetail, 'GET', path, { signal }),
  });
  const [live, setLive] = useState<LiveRun | null>(null);
  const running = query.data?.gameday.state === 'running';
  useEffect(() => {
    if (!running) return;
    return followRun(id, setLive);
  }, [id, running]);
  const run = live ?? (query.data ? { ...query.data, connected: true } : null);
  return { run, query };
}

export interface Started {
  readonly busy: boolean;
  readonly error: ApiError | null;
  /** Resolves with the id of the run, or null when it was not started. */
  readonly start: (body: StartGamedayBody) => Promise<string | null>;
}

/** Starts a run. */
export function useStart(): Started {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const start = async (body: StartGamedayBody) => {
    setBusy(true);
    setError(null);
    try {
      const { gameday } = await fetchJson(gamedayAnswer, 'POST', '/api/gamedays', { body });
      await client.invalidateQueries({ queryKey: ['gamedays'] });
      return gameday.id;
    } catch (problem) {
      setError(problem instanceof ApiError ? problem : new ApiError(0, 'UNKNOWN', String(problem)));
      return null;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, start };
}
