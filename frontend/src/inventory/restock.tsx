'use client';

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { formatCount } from '../browser/format.ts';
import { act } from '../browser/http.ts';
import { newKey } from '../browser/new-key.ts';
import { onceOnly } from '../browser/once-only.ts';

const MAX_UNITS = 1_000_000;

/** Adds units. One id per intention: a press that is repeated because its answer was lost adds them once. */
export function Restock({ itemId }: { itemId: string }) {
  const client = useQueryClient();
  const [quantity, setQuantity] = useState('10');
  const [id, setId] = useState<string | null>(null);
  const [state, setState] = useState<{ kind: 'idle' | 'busy' | 'done' | 'failed'; text: string }>({
    kind: 'idle',
    text: '',
  });
  const units = Number(quantity);
  const valid = Number.isInteger(units) && units >= 1 && units <= MAX_UNITS;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const restockId = id ?? newKey();
    setId(restockId);
    setState({ kind: 'busy', text: '' });
    try {
      await act('POST', `/api/inventory/${itemId}/restock`, { restock_id: restockId, quantity: units });
      setId(null);
      setState({ kind: 'done', text: `${formatCount(units)} ${units === 1 ? 'unit' : 'units'} added.` });
      await client.invalidateQueries({ queryKey: ['inventory'] });
      await client.invalidateQueries({ queryKey: ['ledger'] });
    } catch (error) {
      setState({ kind: 'failed', text: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <form className="space-y-2" onSubmit={submit}>
      <label className="block">
        <span className="label">Units to add</span>
        <input
          className="field"
          inputMode="numeric"
          onChange={(event) => {
            setQuantity(event.target.value);
            setId(null);
          }}
          value={quantity}
        />
      </label>
      <button
        className="button button-main"
        disabled={!valid || state.kind === 'busy'}
        onClick={onceOnly()}
        type="submit"
      >
        {state.kind === 'busy' ? 'Restocking' : state.kind === 'failed' ? 'Try again' : 'Restock'}
      </button>
      {valid ? null : <p className="text-bad">A whole number from 1 to 1,000,000.</p>}
      {state.text === '' ? null : (
        <p className={state.kind === 'failed' ? 'text-bad' : 'text-ok'} role="status">
          {state.text}
        </p>
      )}
    </form>
  );
}
