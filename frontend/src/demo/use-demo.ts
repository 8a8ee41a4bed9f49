import type { ArmFaultBody, decisionAnswer, faultAnswer, inventoryAnswer, ledgerPage } from '@valerix/contracts';
import { SERVICES } from '@valerix/system';
import { useEffect, useState } from 'react';
import { useChaos } from '../browser/hooks.ts';
import { type AnswerOf, act, fetchJson, orNull, send } from '../browser/http.ts';
import { newKey } from '../browser/new-key.ts';
import { useTask } from '../browser/use-task.ts';
import { isReplay } from '../ordering/explain-answer.ts';
import { orderIdOf, placeOrder } from '../ordering/place-order.ts';
import { useOrder } from '../ordering/use-order.ts';
import type { DemoFacts, DemoStep } from './steps.ts';

/** Runs the demo step by step, and keeps the services' answers. */
export function useDemo(item: string) {
  const [facts, setFacts] = useState<DemoFacts>({ item });
  const { busy, error, run: carryOut, clear } = useTask();
  const { chaos } = useChaos();
  const add = (more: Partial<DemoFacts>) => setFacts((before) => ({ ...before, ...more }));

  const confirmed = chaos?.faults.find((one) => one.id === facts.fault_id)?.confirmed_by;
  const confirmedBy = facts.confirmed_by === undefined && confirmed && confirmed.length > 0 ? confirmed : null;
  useEffect(() => {
    if (confirmedBy !== null) setFacts((before) => ({ ...before, confirmed_by: confirmedBy }));
  }, [confirmedBy]);

  const followed = useOrder(facts.disarmed ? facts.order_id : null).data?.order;
  const shown = followed === undefined ? facts : { ...facts, order: followed };

  const run = (step: DemoStep['id']) => carryOut(async () => add(await PERFORM[step](facts)));
  const reset = (nextItem: string) => {
    if (facts.fault_id !== undefined && !facts.disarmed)
      void send('DELETE', `/api/admin/chaos/faults/${facts.fault_id}`);
    setFacts({ item: nextItem });
    clear();
  };
  return { facts: shown, busy, error, run, reset };
}

const PERFORM: Record<DemoStep['id'], (facts: DemoFacts) => Promise<Partial<DemoFacts>>> = {
  look: async ({ item }) => ({ before: await stockOf(item) }),
  arm: async ({ item }) => ({ fault_id: await arm(item) }),
  order: async (facts) => {
    const key = facts.key ?? newKey();
    const answer = await place(facts, key);
    return { key, answer, order_id: orderIdOf(answer) };
  },
  box: books,
  again: async (facts) => {
    const answer = await place(facts, facts.key ?? '');
    return { second_answer: { ...answer, replayed: isReplay(answer) } };
  },
  end: async ({ fault_id }) => {
    // 404: the fault has already ended by itself.
    await orNull(act('DELETE', `/api/admin/chaos/faults/${fault_id}`));
    return { disarmed: true };
  },
  count: async (facts) => ({ ...(await books(facts)), after: await stockOf(facts.item) }),
};

async function stockOf(item: string): Promise<number> {
  return (await fetchJson<AnswerOf<typeof inventoryAnswer>>('GET', `/api/inventory/${item}`)).item.quantity;
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
  return (await fetchJson<AnswerOf<typeof faultAnswer>>('POST', '/api/admin/chaos/faults', { body })).fault.id;
}

const place = (facts: DemoFacts, key: string) => placeOrder(key, [{ item_id: facts.item, quantity: 1 }]);

async function books(facts: DemoFacts): Promise<Partial<DemoFacts>> {
  if (!facts.order_id) throw new Error('There is no order yet.');
  const page = await fetchJson<AnswerOf<typeof ledgerPage>>('GET', '/api/inventory/ledger', {
    params: { order_id: facts.order_id },
  });
  const answer = await fetchJson<AnswerOf<typeof decisionAnswer>>('GET', `/api/decisions/${facts.order_id}`).catch(
    () => null,
  );
  return { ledger: page.items, decision: answer?.decision ?? null };
}
