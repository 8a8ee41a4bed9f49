import { useQueryClient } from '@tanstack/react-query';
import type { experimentList, gamedayAnswer, gamedayDetail, gamedayPage, StartGamedayBody } from '@valerix/contracts';
import { useEffect, useState } from 'react';
import { type AnswerOf, fetchJson } from '../browser/http.ts';
import { usePages, useRead } from '../browser/use-read.ts';
import { useTask } from '../browser/use-task.ts';
import { followRun, type LiveRun } from './run-stream.ts';

const AGAIN_MS = 5_000;

export function useExperiments() {
  return useRead<AnswerOf<typeof experimentList>>(['experiments'], '/api/experiments', {
    staleTime: 60_000,
    every: ({ state }) => (state.status === 'error' ? AGAIN_MS : false),
  });
}

/** The laboratory's runs, newest first. They are polled, because a terminal can start runs too. */
export const useGamedays = () =>
  usePages<AnswerOf<typeof gamedayPage>>(['gamedays'], '/api/gamedays', { limit: 15, every: AGAIN_MS });

/** The ended runs among the newest hundred, newest first. */
export function useEndedRuns() {
  const query = useRead<AnswerOf<typeof gamedayPage>>(['gamedays', 'last'], '/api/gamedays', {
    params: { limit: 100 },
    every: 30_000,
  });
  return query.data?.items.filter(({ state }) => state !== 'running') ?? [];
}

/** One run, read once and then followed until it ends. */
export function useRun(id: string) {
  const query = useRead<AnswerOf<typeof gamedayDetail>>(['gameday', id], `/api/gamedays/${encodeURIComponent(id)}`);
  const [live, setLive] = useState<LiveRun | null>(null);
  const running = query.data?.gameday.state === 'running';
  useEffect(() => {
    if (!running) return;
    return followRun(id, setLive);
  }, [id, running]);
  const run = live ?? (query.data ? { ...query.data, connected: true } : null);
  return { run, query };
}

/** `start` starts a run and resolves with its id, or with `null` if it failed. */
export function useStart() {
  const client = useQueryClient();
  const { busy, error, run } = useTask();
  const start = (body: StartGamedayBody) =>
    run(async () => {
      const { gameday } = await fetchJson<AnswerOf<typeof gamedayAnswer>>('POST', '/api/gamedays', { body });
      await client.invalidateQueries({ queryKey: ['gamedays'] });
      return gameday.id;
    });
  return { busy, error, start };
}
