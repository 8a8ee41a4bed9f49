import { type FormEvent, useState } from 'react';
import { plural } from '../browser/format.ts';
import { newKey } from '../browser/new-key.ts';
import { useAction } from '../browser/use-task.ts';
import { Button } from '../ui/controls.tsx';
import { Outcome, TextField } from '../ui/forms.tsx';

export const MAX_UNITS = 1_000_000;

/** Adds units. Each intention has one id, so a second press after a lost answer adds nothing. */
export function Restock({ itemId }: { itemId: string }) {
  const action = useAction(['inventory'], ['ledger']);
  const [quantity, setQuantity] = useState('10');
  const [id, setId] = useState<string | null>(null);
  const units = Number(quantity);
  const valid = Number.isInteger(units) && units >= 1 && units <= MAX_UNITS;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const restock = { restock_id: id ?? newKey(), quantity: units };
    setId(restock.restock_id);
    const path = `/api/inventory/${itemId}/restock`;
    if (await action.send('POST', path, restock, `${plural(units, 'unit')} added.`)) setId(null);
  };
  const change = (value: string) => {
    setQuantity(value);
    setId(null);
  };
  return (
    <form className="space-y-2" onSubmit={submit}>
      <TextField inputMode="numeric" label="Units to add" set={change} value={quantity} />
      <Button
        main
        disabled={!valid || action.busy}
        once
        type="submit"
        text={action.busy ? 'Restocking' : action.error ? 'Try again' : 'Restock'}
      />
      {valid ? null : <p className="text-bad">A whole number from 1 to 1,000,000.</p>}
      <Outcome action={action} />
    </form>
  );
}
