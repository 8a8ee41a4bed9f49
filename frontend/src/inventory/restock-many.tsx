import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { plural } from '../browser/format.ts';
import { act } from '../browser/http.ts';
import { newKey } from '../browser/new-key.ts';
import { useTask } from '../browser/use-task.ts';
import { Button } from '../ui/controls.tsx';
import { Alert, TextField } from '../ui/forms.tsx';
import { MAX_UNITS } from './restock.tsx';

interface Props {
  readonly items: readonly string[];
  /** Takes an item that was restocked out of the selection. */
  readonly restocked: (item: string) => void;
  /** More buttons beside the one that restocks. */
  readonly children: ReactNode;
}

/** Adds the same units to each selected item, one after the other. An item whose answer was lost keeps its id for the next press. */
export function RestockMany({ items, restocked, children }: Props) {
  const client = useQueryClient();
  const { busy, error, run } = useTask();
  const [quantity, setQuantity] = useState('10');
  const [done, setDone] = useState<string | null>(null);
  const ids = useRef(new Map<string, string>());
  const units = Number(quantity);
  const valid = Number.isInteger(units) && units >= 1 && units <= MAX_UNITS;
  const restock = async () => {
    let count = 0;
    let isDone = false;
    // An item that was taken out of the selection is a new restock when it comes back.
    for (const item of ids.current.keys()) if (!items.includes(item)) ids.current.delete(item);
    try {
      for (const item of items) {
        const id = ids.current.get(item) ?? newKey();
        ids.current.set(item, id);
        await act('POST', `/api/inventory/${item}/restock`, { body: { restock_id: id, quantity: units } });
        ids.current.delete(item);
        restocked(item);
        count += 1;
      }
      isDone = true;
    } finally {
      setDone(`${plural(units, 'unit')} added to ${isDone ? '' : 'at least '}${plural(count, 'item')}.`);
      await client.invalidateQueries({ queryKey: ['inventory'] });
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (valid && items.length > 0 && !busy) void run(restock);
  };
  const change = (value: string) => {
    ids.current.clear();
    setQuantity(value);
  };
  return (
    <form aria-label="Restock the selected items" className="mb-3 flex flex-wrap items-end gap-2" onSubmit={submit}>
      <TextField inputMode="numeric" label="Units to add to each" set={change} value={quantity} width="w-40" />
      <Button
        busy={busy}
        disabled={!valid || items.length === 0}
        main
        once
        text={busy ? 'Restocking' : `Restock ${plural(items.length, 'item')}`}
        type="submit"
      />
      {children}
      <p role="status">{done}</p>
      {valid ? null : <p className="text-bad">A whole number from 1 to 1,000,000.</p>}
      <Alert error={error} />
    </form>
  );
}
