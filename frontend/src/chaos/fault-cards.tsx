'use client';

import { type ArmFaultBody, DEFAULT_FAULT_SECONDS } from '@valerix/contracts';
import { useState } from 'react';
import { onceOnly } from '../browser/once-only.ts';
import { useStock } from '../shop/use-shop.ts';
import { Failure, Loading } from '../ui/parts.tsx';
import { faultSentence } from './fault-sentence.ts';
import { armedWords, Outcome } from './outcome.tsx';
import { hasItems, isOffered, RECIPES, type Recipe } from './recipes.ts';
import { Dial, Expiry } from './simple-chaos.tsx';
import { useAction, useFailpoints, type Who } from './use-chaos.ts';

/** Every other fault, as a sentence that can be armed. Only what the services say they have is offered. */
export function FaultCards({ who, disabled }: { who: Who; disabled: boolean }) {
  const failpoints = useFailpoints();
  const offered = failpoints.data?.items ?? null;
  const shown = offered === null ? RECIPES : RECIPES.filter((recipe) => isOffered(recipe, offered));
  const missing = RECIPES.filter((recipe) => !shown.includes(recipe));
  return (
    <section aria-label="Faults" className="space-y-3">
      <h2>One fault at a time</h2>
      {failpoints.isError ? (
        <Failure error={failpoints.error} retry={() => void failpoints.refetch()} what="The list of failpoints" />
      ) : null}
      {!disabled && failpoints.isPending ? <Loading label="Loading the failpoints" rows={2} /> : null}
      <ul className="grid gap-3 md:grid-cols-2 2xl:grid-cols-3">
        {shown.map((recipe) => (
          <RecipeCard disabled={disabled || offered === null} key={recipe.id} recipe={recipe} who={who} />
        ))}
      </ul>
      {missing.length === 0 ? null : (
        <p className="text-muted">
          Not offered by these services: {missing.map((recipe) => recipe.title.toLowerCase()).join('; ')}.
        </p>
      )}
    </section>
  );
}

function RecipeCard({ recipe, who, disabled }: { recipe: Recipe; who: Who; disabled: boolean }) {
  const action = useAction();
  const [percentage, setPercentage] = useState(recipe.percentage);
  const [ttl, setTtl] = useState<number>(DEFAULT_FAULT_SECONDS);
  const [item, setItem] = useState('');
  const match = { ...recipe.match, ...(item === '' ? {} : { item_id: item }) };
  const described = { ...recipe, percentage, match };
  const arm = () => {
    const body: ArmFaultBody = {
      service: recipe.service,
      point: recipe.point,
      type: recipe.type,
      percentage,
      ...(recipe.every_nth === undefined ? {} : { every_nth: recipe.every_nth }),
      params: recipe.params,
      match,
      ttl_seconds: ttl,
      created_by: who.created_by,
      reason: who.why,
    };
    return action.run('POST', '/api/admin/chaos/faults', body, armedWords(ttl));
  };
  return (
    <li className="card flex flex-col gap-2" data-recipe={recipe.id}>
      <h3 className="font-semibold">{recipe.title}</h3>
      <p>{faultSentence(described)}</p>
      <p className="text-muted">{recipe.expect}</p>
      <div className="mt-auto space-y-2 pt-1">
        {recipe.every_nth === undefined ? (
          <Dial
            label="Share"
            max={100}
            min={1}
            set={setPercentage}
            step={1}
            text={`${percentage} %`}
            value={percentage}
          />
        ) : null}
        <div className="flex flex-wrap items-end gap-2">
          {hasItems(recipe) ? <Scope set={setItem} value={item} /> : null}
          <Expiry set={setTtl} value={ttl} />
          <button
            className="button button-main ml-auto"
            disabled={disabled || action.busy}
            onClick={onceOnly(() => void arm())}
            type="button"
          >
            Arm
          </button>
        </div>
        <Outcome action={action} />
      </div>
    </li>
  );
}

/** Only orders that contain this item are hit. */
function Scope({ value, set }: { value: string; set: (item: string) => void }) {
  const stock = useStock();
  return (
    <label className="block min-w-0">
      <span className="label">Only orders with</span>
      <select className="field w-auto max-w-[9rem]" onChange={(event) => set(event.target.value)} value={value}>
        <option value="">any item</option>
        {stock.items.map((one) => (
          <option key={one.item_id} value={one.item_id}>
            {one.item_id}
          </option>
        ))}
      </select>
    </label>
  );
}
