'use client';

import {
  type ArmFaultBody,
  decisionAnswer,
  faultAnswer,
  inventoryAnswer,
  isSettled,
  ledgerPage,
  type Order,
  orderAnswer,
} from '@valerix/contracts';
import { SERVICES } from '@valerix/system';
import { useEffect, useState } from 'react';
import { useLive } from '../browser/hooks.ts';
import { fetchJson, send, toError } from '../browser/http.ts';
import { newKey } from '../browser/new-key.ts';
import { useTask } from '../browser/use-task.ts';
import { isReplay, orderIdOf, placeOrder } from '../ordering/place-order.ts';
import type { DemoFacts, DemoStep } from './steps.ts';

const POLL_MS = 700;

/** Carries the demo out, one step at a time, and keeps what the services answered. */
export function useDemo(item: string) {
  const [facts, setFacts] = useState<DemoFacts>({ item });
  const { busy, error, run: carryOut, clear } = useTask();
  const { state } = useLive();
  const add = (more: Partial<DemoFacts>) => setFacts((before) => ({ ...before, ...more }));

  const confirmed = state?.chaos.value?.faults.find((one) => one.id === facts.fault_id)?.confirmed_by;
  const confirmedBy = facts.confirmed_by === undefined && confirmed && confirmed.length > 0 ? confirmed : null;
  useEffect(() => {
    if (confirmedBy !== null) setFacts((before) => ({ ...before, confirmed_by: confirmedBy }));
  }, [confirmedBy]);

  useFollowedOrder(facts, (order) => add({ order }));

  const run = (step: DemoStep['id']) => carryOut(async () => add(await perform(step, facts)));
  const reset = (nextItem: string) => {
    if (facts.fault_id !== undefined && !facts.disarmed)
      void send('DELETE', `/api/admin/chaos/faults/${facts.fault_id}`);
    setFacts({ item: nextItem });
    clear();
  };
  return { facts, busy, error, run, reset };
}

/** After the fault is gone, asks for the order until the worker has settled it. */
function useFollowedOrder(facts: DemoFacts, found: (order: Order) => void): void {
  const { disarmed, order_id, order } = facts;
  const waiting = disarmed && order_id != null && (order === undefined || !isSettled(order.status));
  // biome-ignore lint/correctness/useExhaustiveDependencies: `found` is made anew at each render and only sets state
  useEffect(() => {
    if (!waiting) return;
    const control = new AbortController();
    const timer = setInterval(async () => {
      const answer = await fetchJson(orderAnswer, 'GET', `/api/orders/${order_id}`, { signal: control.signal }).catch(
        () => null,
      );
      if (answer !== null && !control.signal.aborted) found(answer.order);
    }, POLL_MS);
    return () => {
      control.abort();
      clearInterval(timer);
    };
  }, [waiting, order_id]);
}

async function perform(step: DemoStep['id'], facts: DemoFacts): Promise<Partial<DemoFacts>> {
  switch (step) {
    case 'look':
      return { before: await stockOf(facts.item) };
    case 'arm':
      return { fault_id: await arm(facts.item) };
    case 'order':
      return order(facts);
    case 'box':
      return books(facts);
    case 'again':
      return again(facts);
    case 'end':
      return disarm(facts);
    case 'count':
      return { ...(await books(facts)), after: await stockOf(facts.item) };
  }
}

async function stockOf(item: string): Promise<number> {
  return (await fetchJson(inventoryAnswer, 'GET', `/api/inventory/${item}`)).item.quantity;
}

async function arm(item: string): Promise<string> {
  const body: ArmFaultBody = {
    service: SERVICES.inventory.name,
    point: 'after-commit',
    type: 'drop-response',
    match: { item_id: item },
    percentage: 100,
    params: {},
    ttl_seconds: 120,
    created_by: 'guided demo',
    reason: "Schrödinger's warehouse",
  };
  return (await fetchJson(faultAnswer, 'POST', '/api/admin/chaos/faults', { body })).fault.id;
}

const place = (facts: DemoFacts, key: string) => placeOrder(key, [{ item_id: facts.item, quantity: 1 }]);

async function order(facts: DemoFacts): Promise<Partial<DemoFacts>> {
  const key = facts.key ?? newKey();
  const answer = await place(facts, key);
  return { key, answer, order_id: orderIdOf(answer) };
}

async function again(facts: DemoFacts): Promise<Partial<DemoFacts>> {
  const answer = await place(facts, facts.key ?? '');
  return { second_answer: { ...answer, replayed: isReplay(answer) } };
}

async function books(facts: DemoFacts): Promise<Partial<DemoFacts>> {
  if (!facts.order_id) throw new Error('There is no order to look up.');
  const page = await fetchJson(ledgerPage, 'GET', '/api/inventory/ledger', { params: { order_id: facts.order_id } });
  const answer = await fetchJson(decisionAnswer, 'GET', `/api/inventory/decisions/${facts.order_id}`).catch(() => null);
  return { ledger: page.items, decision: answer?.decision ?? null };
}

async function disarm(facts: DemoFacts): Promise<Partial<DemoFacts>> {
  const answer = await send('DELETE', `/api/admin/chaos/faults/${facts.fault_id}`);
  // 404: it ended by itself in the meantime, which is as good.
  if (answer.status !== 404 && (answer.status < 200 || answer.status > 299)) throw toError(answer);
  return { disarmed: true };
}
