import type { InventoryItem } from '@valerix/contracts';
import { type FormEvent, useState } from 'react';
import { parsePrice } from '../browser/format.ts';
import { ApiError } from '../browser/http.ts';
import { useAction } from '../browser/use-task.ts';
import { Button } from '../ui/controls.tsx';
import { Outcome, TextField } from '../ui/forms.tsx';

const FIELDS = {
  item_id: { label: 'Id', placeholder: 'lower-case letters, digits, hyphens' },
  item_name: { label: 'Name' },
  price_cents: { label: 'Price', inputMode: 'decimal' },
  quantity: { label: 'First stock', inputMode: 'numeric' },
  reason: { label: 'Reason, for the audit', placeholder: 'optional' },
} as const;
type Field = keyof typeof FIELDS;
type Values = Partial<Record<Field, string>>;

/** The body of the request for the fields' texts. */
export function itemBody(values: Values) {
  const { item_id, item_name, price_cents, quantity, reason = '' } = values;
  return {
    ...(item_id !== undefined && { item_id: item_id.trim() }),
    ...(item_name !== undefined && { item_name: item_name.trim() }),
    ...(price_cents !== undefined && { price_cents: parsePrice(price_cents) }),
    ...(quantity !== undefined && { quantity: quantity.trim() === '' ? Number.NaN : Number(quantity) }),
    ...(reason.trim() !== '' && { reason: reason.trim() }),
  };
}

/** The fields whose text cannot be sent. The service judges the values, and names the field too. */
export function itemErrors(values: Values): Values {
  const { price_cents, quantity } = itemBody(values);
  const empty = (['item_id', 'item_name'] as const).filter((field) => values[field]?.trim() === '');
  return {
    ...Object.fromEntries(empty.map((field) => [field, 'must not be empty'])),
    ...(Number.isNaN(price_cents) && { price_cents: 'must be an amount such as 499.99' }),
    ...(quantity !== undefined && !Number.isInteger(quantity) && { quantity: 'must be a whole number' }),
  };
}

/** Adds an item to the catalogue. A second press after a lost answer adds nothing. */
export function AddItemForm() {
  const empty = { item_id: '', item_name: '', price_cents: '', quantity: '', reason: '' };
  return (
    <ItemForm
      initial={empty}
      request={{ method: 'POST', path: '/api/inventory' }}
      words={{ send: 'Add the item', busy: 'Adding', done: ({ item_name }) => `${item_name} was added.` }}
    />
  );
}

/** Renames or prices an item. While it is edited, changes from elsewhere do not touch the typed text. */
export function ChangeItemForm({ item: { item_id, item_name, price_cents } }: { item: InventoryItem }) {
  return (
    <ItemForm
      initial={{ item_name, price_cents: (price_cents / 100).toFixed(2), reason: '' }}
      request={{ method: 'PATCH', path: `/api/inventory/${item_id}` }}
      words={{ send: 'Save', busy: 'Saving', done: () => 'Saved. Later orders see the change.' }}
    />
  );
}

interface FormProps {
  readonly initial: Values;
  readonly request: { readonly method: 'POST' | 'PATCH'; readonly path: string };
  readonly words: { readonly send: string; readonly busy: string; readonly done: (sent: Values) => string };
}

function ItemForm({ initial, request: { method, path }, words }: FormProps) {
  const action = useAction(['inventory'], ['ledger']);
  const [typed, setTyped] = useState<Values>({});
  const [asked, setAsked] = useState(false);
  const values = { ...initial, ...typed };
  const wrong = asked ? itemErrors(values) : {};
  const refused = action.error instanceof ApiError ? action.error.errors : [];
  const said = Object.fromEntries(refused.map(({ field, message }) => [field, message]));
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    setAsked(true);
    if (Object.keys(itemErrors(values)).length > 0) {
      requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
      return;
    }
    if (!(await action.send(method, path, itemBody(values), words.done(values)))) return;
    // Keep what was typed meanwhile.
    setTyped((now) => (now === typed ? {} : now));
    setAsked(false);
  };
  return (
    <form className="space-y-2" noValidate onSubmit={submit}>
      {(Object.keys(initial) as Field[]).map((field) => {
        const { label, ...input } = FIELDS[field];
        const message = wrong[field] ?? said[field];
        return (
          <TextField
            {...input}
            key={field}
            label={label}
            set={(text) => setTyped({ ...typed, [field]: text })}
            value={values[field] ?? ''}
            wrong={message ? `${label} ${message}.` : undefined}
          />
        );
      })}
      <Button main disabled={action.busy} once type="submit" text={action.busy ? words.busy : words.send} />
      <Outcome action={refused.length > 0 ? { ...action, error: null } : action} />
    </form>
  );
}
