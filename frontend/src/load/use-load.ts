'use client';

import { HEADER, orderAnswer } from '@valerix/contracts';
import { useCallback, useEffect, useRef, useState } from 'react';
import { fetchJson, send } from '../browser/http.ts';
import { newKey } from '../browser/new-key.ts';
import { orderIdOf } from '../shop/use-shop.ts';
import { type LoadPlan, LoadRun, type LoadState } from './load-run.ts';

/** The page is drawn this often at most while a run is under way. */
const DRAW_MS = 200;
const SETTLE_MS = 1_500;
/** Queued orders asked about in one round. */
const SETTLE_BATCH = 20;

export interface Settled {
  readonly confirmed: number;
  readonly refused: number;
  readonly waiting: number;
}

/** Runs load from this page, and afterwards follows the orders that were queued until each has ended. */
export function useLoad() {
  const run = useRef<LoadRun | null>(null);
  const [state, setState] = useState<LoadState | null>(null);
  const [settled, setSettled] = useState<Settled | null>(null);
  useEffect(() => () => run.current?.stop(), []);

  const start = useCallback((plan: LoadPlan) => {
    let drawnAt = 0;
    setSettled(null);
    const made = new LoadRun(plan, {
      place,
      makeKey: newKey,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      now: () => performance.now(),
      onChange: (next) => {
        const now = performance.now();
        if (next.running && now - drawnAt < DRAW_MS) return;
        drawnAt = now;
        setState(next);
      },
    });
    run.current = made;
    setState(made.state);
    void made.run();
  }, []);

  const queued = state !== null && !state.running ? state.queued_ids : null;
  useEffect(() => {
    if (queued === null || queued.length === 0) return;
    const control = new AbortController();
    void follow(queued, setSettled, control.signal);
    return () => control.abort();
  }, [queued]);

  return { state, settled, start, stop: () => run.current?.stop() };
}

async function place(key: string, itemId: string) {
  const body = { item_id: itemId, quantity: 1 };
  const answer = await send('POST', '/api/orders', { body, headers: { [HEADER.idempotencyKey]: key } });
  return { status: answer.status, ms: answer.ms, order_id: orderIdOf(answer) };
}

async function follow(ids: readonly string[], show: (settled: Settled) => void, signal: AbortSignal): Promise<void> {
  let waiting = [...ids];
  let confirmed = 0;
  let refused = 0;
  while (waiting.length > 0 && !signal.aborted) {
    show({ confirmed, refused, waiting: waiting.length });
    const batch = waiting.slice(0, SETTLE_BATCH);
    const statuses = await Promise.all(batch.map((id) => statusOf(id, signal)));
    statuses.forEach((status, index) => {
      if (status !== 'confirmed' && status !== 'failed' && status !== 'cancelled') return;
      if (status === 'confirmed') confirmed += 1;
      else refused += 1;
      waiting = waiting.filter((id) => id !== batch[index]);
    });
    // Those still waiting go to the back, so that every order has its turn.
    waiting = [...waiting.slice(SETTLE_BATCH), ...waiting.slice(0, SETTLE_BATCH)];
    if (waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
  if (!signal.aborted) show({ confirmed, refused, waiting: waiting.length });
}

async function statusOf(id: string, signal: AbortSignal): Promise<string | null> {
  try {
    return (await fetchJson(orderAnswer, 'GET', `/api/orders/${id}`, { signal })).order.status;
  } catch {
    return null;
  }
}
