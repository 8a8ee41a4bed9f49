import { useState } from 'react';
import { useStock } from '../catalogue/use-stock.ts';
import { Dial, SelectField } from '../ui/forms.tsx';
import { QueryState } from '../ui/parts.tsx';
import { ArmControls } from './arm-controls.tsx';
import { faultSentence } from './fault-sentence.ts';
import { hasItems, isOffered, RECIPES, type Recipe } from './recipes.ts';
import { useArm, useFailpoints, type Who } from './use-chaos.ts';

/** The faults worth arming, as sentences; only those whose failpoints the services have. */
export function FaultCards({ who, disabled }: { who: Who; disabled: boolean }) {
  const failpoints = useFailpoints();
  const offered = failpoints.data?.items ?? null;
  const shown = offered === null ? RECIPES : RECIPES.filter((recipe) => isOffered(recipe, offered));
  const missing = RECIPES.filter((recipe) => !shown.includes(recipe));
  return (
    <section aria-label="Faults" className="space-y-3">
      <h2>One fault at a time</h2>
      {disabled && !failpoints.isError ? null : (
        <QueryState query={failpoints} rows={2} what="The list of failpoints" />
      )}
      <ul className="grid gap-3 md:grid-cols-2 2xl:grid-cols-3">
        {shown.map((recipe) => (
          <RecipeCard disabled={disabled || offered === null} key={recipe.id} recipe={recipe} who={who} />
        ))}
      </ul>
      {missing.length === 0 ? null : (
        <p className="text-muted">
          These services have no failpoint for: {missing.map((recipe) => recipe.title.toLowerCase()).join('; ')}.
        </p>
      )}
    </section>
  );
}

function RecipeCard({ recipe, who, disabled }: { recipe: Recipe; who: Who; disabled: boolean }) {
  const arming = useArm(who);
  const [percentage, setPercentage] = useState(recipe.fault.percentage);
  const [item, setItem] = useState('');
  const items = useStock().items.map(({ item_id }) => [item_id, item_id] as const);
  const fault = { ...recipe.fault, percentage, match: { ...recipe.fault.match, ...(item && { item_id: item }) } };
  return (
    <li className="card flex flex-col gap-2" data-recipe={recipe.id}>
      <h3 className="font-semibold">{recipe.title}</h3>
      <p>{faultSentence(fault)}</p>
      <p className="text-muted">{recipe.expect}</p>
      <div className="mt-auto space-y-2 pt-1">
        {recipe.fault.every_nth === undefined ? (
          <Dial label="Share" min={1} set={setPercentage} value={percentage} />
        ) : null}
        <ArmControls arming={arming} disabled={disabled} values={fault}>
          {hasItems(recipe) ? (
            <SelectField
              className="w-auto max-w-[9rem]"
              label="Only orders with"
              options={[['', 'any item'], ...items]}
              set={setItem}
              value={item}
            />
          ) : null}
        </ArmControls>
      </div>
    </li>
  );
}
