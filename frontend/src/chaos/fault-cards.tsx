import { useState } from 'react';
import { useStock } from '../catalogue/use-stock.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Dial, Outcome, SelectField } from '../ui/forms.tsx';
import { Empty, QueryState } from '../ui/parts.tsx';
import { ExpirySelect } from './arm-controls.tsx';
import { BlastRadius } from './blast-radius.tsx';
import { faultSentence } from './fault-sentence.ts';
import { hasItems, isOffered, RECIPES, type Recipe } from './recipes.ts';
import { useArm, useFailpoints, type Who } from './use-chaos.ts';

/** The faults worth arming, as sentences; only those whose failpoints the services have. */
export function FaultCards({ who, disabled }: { who: Who; disabled: boolean }) {
  const failpoints = useFailpoints();
  const [searched, setSearched] = useState('');
  const offered = failpoints.data?.items ?? null;
  const possible = offered === null ? RECIPES : RECIPES.filter((recipe) => isOffered(recipe, offered));
  const missing = RECIPES.filter((recipe) => !possible.includes(recipe));
  const words = searched.trim().toLowerCase();
  const shown = possible.filter(({ title, expect, fault }) =>
    `${title} ${expect} ${faultSentence(fault)}`.toLowerCase().includes(words),
  );
  const byService = Object.entries(Object.groupBy(shown, ({ fault }) => fault.service));
  return (
    <Card
      aside={
        <input
          aria-label="Search the faults"
          className="field max-w-[16rem]"
          data-search
          onChange={(event) => setSearched(event.target.value)}
          placeholder="Search the faults"
          type="search"
          value={searched}
        />
      }
      label="Faults"
      title="One fault at a time"
    >
      {disabled && !failpoints.isError ? null : (
        <QueryState query={failpoints} rows={2} what="The list of failpoints" />
      )}
      {shown.length === 0 ? <Empty>No fault has these words. Any other one can be made below.</Empty> : null}
      <div className="grid gap-x-6 md:grid-cols-2">
        {byService.map(([service, recipes]) => (
          <div key={service}>
            <h3 className="border-line border-b pt-1 pb-1 text-muted">{service}</h3>
            <ul className="divide-y divide-line">
              {recipes?.map((recipe) => (
                <RecipeRow disabled={disabled || offered === null} key={recipe.id} recipe={recipe} who={who} />
              ))}
            </ul>
          </div>
        ))}
      </div>
      {missing.length === 0 ? null : (
        <p className="text-muted">
          These services have no failpoint for: {missing.map((recipe) => recipe.title.toLowerCase()).join('; ')}.
        </p>
      )}
    </Card>
  );
}

function RecipeRow({ recipe, who, disabled }: { recipe: Recipe; who: Who; disabled: boolean }) {
  const arming = useArm(who);
  const [percentage, setPercentage] = useState(recipe.fault.percentage);
  const [item, setItem] = useState('');
  const items = useStock().items.map(({ item_id }) => [item_id, item_id] as const);
  const fault = { ...recipe.fault, percentage, match: { ...recipe.fault.match, ...(item && { item_id: item }) } };
  return (
    <li className="py-2" data-recipe={recipe.id}>
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <h4 className="font-semibold">{recipe.title}</h4>
          <p>{faultSentence(fault)}</p>
        </div>
        <Button
          aria-label={`Arm: ${recipe.title}`}
          busy={arming.action.busy}
          disabled={disabled}
          main
          once
          onClick={() => arming.arm(fault)}
          small
          text="Arm"
        />
      </div>
      <details>
        <summary className="text-[0.92rem] text-muted">Adjust it, and what to expect</summary>
        <p className="mt-1">{recipe.expect}</p>
        <BlastRadius fault={fault} />
        {recipe.fault.every_nth === undefined ? (
          <Dial label="Share" min={1} set={setPercentage} value={percentage} />
        ) : null}
        <div className="flex flex-wrap items-end gap-2">
          {hasItems(recipe) ? (
            <SelectField
              className="w-auto max-w-[9rem]"
              label="Only orders with"
              options={[['', 'any item'], ...items]}
              set={setItem}
              value={item}
            />
          ) : null}
          <ExpirySelect arming={arming} />
        </div>
      </details>
      <Outcome action={arming.action} />
    </li>
  );
}
