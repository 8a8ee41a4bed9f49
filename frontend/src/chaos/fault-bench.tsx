import { useState } from 'react';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Outcome } from '../ui/forms.tsx';
import { hasWords } from '../ui/has-words.ts';
import { QueryState } from '../ui/parts.tsx';
import { NothingFound, SearchBox } from '../ui/search.tsx';
import { FaultEditor } from './fault-editor.tsx';
import { faultSentence } from './fault-sentence.ts';
import { isOffered, RECIPES, type Recipe, type RecipeFault } from './recipes.ts';
import { useArm, useFailpoints, type Who } from './use-chaos.ts';

type Props = Readonly<{ who: Who; disabled: boolean }>;

/** The list of faults, and the editor that makes any other one or changes one of the list. */
export function FaultBench({ who, disabled }: Props) {
  const failpoints = useFailpoints().data?.items ?? [];
  const [given, setGiven] = useState<RecipeFault | null>(null);
  return (
    <>
      <FaultList disabled={disabled} edit={(fault) => setGiven({ ...fault })} who={who} />
      <FaultEditor disabled={disabled} failpoints={failpoints} given={given} who={who} />
    </>
  );
}

type Edit = (fault: RecipeFault) => void;

/** The faults worth arming, as sentences; only those whose failpoints the services have. */
function FaultList({ who, disabled, edit }: Props & { edit: Edit }) {
  const failpoints = useFailpoints();
  const [searched, setSearched] = useState('');
  const offered = failpoints.data?.items ?? null;
  const possible = offered === null ? RECIPES : RECIPES.filter((recipe) => isOffered(recipe, offered));
  const missing = RECIPES.filter((recipe) => !possible.includes(recipe));
  const shown = possible.filter(({ title, expect, fault }) =>
    hasWords(searched, title, expect, faultSentence(fault), fault.service),
  );
  const byService = Object.entries(Object.groupBy(shown, ({ fault }) => fault.service));
  return (
    <Card
      aside={<SearchBox className="max-w-[16rem]" label="Search the faults" set={setSearched} value={searched} />}
      label="Faults"
      title="Faults, by service"
    >
      {disabled && !failpoints.isError ? null : (
        <QueryState query={failpoints} rows={2} what="The list of failpoints" />
      )}
      <NothingFound
        clear={() => setSearched('')}
        is={shown.length === 0}
        text="No fault has these words. Any other one can be made below."
      />
      <section
        aria-label="List of faults"
        className="grid max-h-[26rem] gap-x-6 overflow-y-auto pr-2 md:grid-cols-2"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
        tabIndex={0}
      >
        {byService.map(([service, recipes]) => (
          <div key={service}>
            <h3 className="border-line border-b pt-1 pb-1 text-muted">{service}</h3>
            <ul className="divide-y divide-line">
              {recipes?.map((recipe) => (
                <RecipeRow
                  disabled={disabled || offered === null}
                  edit={edit}
                  key={recipe.id}
                  recipe={recipe}
                  who={who}
                />
              ))}
            </ul>
          </div>
        ))}
      </section>
      {missing.length === 0 ? null : (
        <p className="text-muted">
          These services have no failpoint for: {missing.map((recipe) => recipe.title.toLowerCase()).join('; ')}.
        </p>
      )}
    </Card>
  );
}

function RecipeRow({ recipe, who, disabled, edit }: Props & { recipe: Recipe; edit: Edit }) {
  const arming = useArm(who);
  const { title, expect, fault } = recipe;
  return (
    <li className="py-1.5" data-recipe={recipe.id}>
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <h4 className="font-semibold">{title}</h4>
          <p className="text-sm">{faultSentence(fault)}</p>
          <p className="text-muted text-sm">{expect}</p>
        </div>
        <span className="flex shrink-0 gap-1.5">
          <Button aria-label={`Edit: ${title}`} disabled={disabled} onClick={() => edit(fault)} small text="Edit" />
          <Button
            aria-label={`Arm: ${title}`}
            busy={arming.action.busy}
            disabled={disabled}
            main
            once
            onClick={() => arming.arm(fault)}
            small
            text="Arm"
          />
        </span>
      </div>
      <Outcome action={arming.action} />
    </li>
  );
}
