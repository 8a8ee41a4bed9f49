import type { faultAnswer } from '@valerix/contracts';
import { useState } from 'react';
import { formatSpan } from '../browser/format.ts';
import { useChaos, useFresh } from '../browser/hooks.ts';
import { type AnswerOf, ApiError, act, fetchJson, orNull } from '../browser/http.ts';
import { newKey } from '../browser/new-key.ts';
import { useTask } from '../browser/use-task.ts';
import { useStock } from '../catalogue/use-stock.ts';
import { Card } from '../ui/card.tsx';
import { Button, TextLink } from '../ui/controls.tsx';
import { Alert } from '../ui/forms.tsx';
import { useShown } from '../ui/show-whole.ts';
import { faultSentence } from './fault-sentence.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import type { Who } from './use-chaos.ts';

/** So many items take the orders, those with most units. They are restocked first: a refusal for stock would hide what the fault does. */
const ITEMS = 5;

type ArmedFault = Pick<AnswerOf<typeof faultAnswer>['fault'], 'id' | 'seed'>;

interface Running {
  readonly scenario: Scenario;
  readonly faults: readonly ArmedFault[];
}

/** Scenarios of one click: they start load and faults together, and say what to watch. */
export function ScenarioCard({ who, disabled }: { who: Who; disabled: boolean }) {
  const { items } = useStock();
  const load = useFresh(({ load }) => load);
  const { busy, error, run } = useTask();
  const live = useChaos().fresh?.faults ?? [];
  const [now, setNow] = useState<Running | null>(null);
  const watch = useShown<HTMLDivElement>(now?.scenario ?? null);
  const disarm = async () => {
    const own = now?.faults ?? [];
    // A fault that got more time has a new id and its old seed.
    const extended = live.filter(({ seed }) => own.some((fault) => fault.seed === seed));
    const ids = new Set([...own, ...extended].map(({ id }) => id));
    for (const id of ids) await orNull(act('DELETE', `/api/admin/chaos/faults/${encodeURIComponent(id)}`));
  };
  const start = (scenario: Scenario) =>
    run(async () => {
      await disarm();
      const { seconds, per_second, recipes } = scenario;
      const most = items.toSorted((a, b) => b.quantity - a.quantity).slice(0, ITEMS);
      const plan = { orders: seconds * per_second, per_second, items: most.map(({ item_id }) => item_id) };
      // As much again is left for other customers.
      const wanted = 2 * Math.ceil(plan.orders / most.length);
      for (const { item_id, quantity } of most.filter((item) => item.quantity < wanted)) {
        const body = { restock_id: newKey(), quantity: wanted - quantity };
        await act('POST', `/api/inventory/${item_id}/restock`, { body });
      }
      // Load that runs already serves as well.
      await act('POST', '/api/load', { body: plan }).catch((problem: unknown) => {
        if (!(problem instanceof ApiError && problem.status === 409)) throw problem;
      });
      // The load runs: it can be stopped from here, even if a fault is refused.
      setNow({ scenario, faults: [] });
      const faults: ArmedFault[] = [];
      for (const { fault } of recipes) {
        const body = { ...fault, ttl_seconds: seconds, ...who.audited };
        const armed = await fetchJson<AnswerOf<typeof faultAnswer>>('POST', '/api/admin/chaos/faults', { body });
        faults.push(armed.fault);
        setNow({ scenario, faults: [...faults] });
      }
    });
  const stop = () =>
    run(async () => {
      await act('DELETE', '/api/load');
      await disarm();
      setNow(null);
    });
  return (
    <Card label="Scenarios" title="Scenarios: load and faults in one click">
      {now ? (
        <div className="mb-3 rounded-lg bg-raised p-3" data-watch={now.scenario.id} ref={watch} role="status">
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h3 className="font-medium">
              What to watch, on the <TextLink href="/" text="overview" />
            </h3>
            <Button
              busy={busy}
              icon="stop"
              onClick={() => void stop()}
              small
              text={load?.running ? 'Stop it' : 'End it'}
            />
          </div>
          <ol className="list-decimal pl-5">
            {now.scenario.watch.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ol>
        </div>
      ) : null}
      <ul className="grid gap-2 sm:grid-cols-2 2xl:grid-cols-4">
        {SCENARIOS.map((scenario) => (
          <li key={scenario.id}>
            <Button
              aria-pressed={now?.scenario === scenario}
              busy={busy}
              className="h-full w-full flex-col items-start justify-start py-2 text-left disabled:opacity-80"
              disabled={disabled || items.length === 0}
              onClick={() => void start(scenario)}
              once
              style={{ whiteSpace: 'normal' }}
              text={
                <>
                  <span>{scenario.title}</span>
                  <span className="font-normal text-sm text-muted">
                    {scenario.recipes.map(({ fault }) => faultSentence(fault)).join(' ')} {scenario.per_second} orders a
                    second for {formatSpan(scenario.seconds * 1000)}.
                  </span>
                </>
              }
            />
          </li>
        ))}
      </ul>
      <Alert error={error} />
    </Card>
  );
}
