import { useQueryClient } from '@tanstack/react-query';
import type { RedriveBody, redriveAnswer } from '@valerix/contracts';
import { ITEM_ID } from '@valerix/contracts/plain';
import { useId, useState } from 'react';
import { plural } from '../browser/format.ts';
import { type AnswerOf, fetchJson } from '../browser/http.ts';
import { useTask } from '../browser/use-task.ts';
import { Confirm } from '../ui/controls.tsx';
import { SelectField, TextField } from '../ui/forms.tsx';

/** Why the inventory service gave no answer about an order, as its last event says. */
const CAUSES = [
  ['', 'any'],
  ['timeout', 'no answer in time'],
  ['connection', 'connection lost'],
  ['status', 'an error was answered'],
  ['garbage', 'the answer was unreadable'],
] as const;
const AGES = [
  ['', 'at any time'],
  ['300', '5 minutes ago or earlier'],
  ['3600', 'an hour ago or earlier'],
  ['86400', 'a day ago or earlier'],
] as const;

type Chosen = Readonly<Record<'item' | 'cause' | 'age', string>>;

/** The request for the chosen conditions; all dead letters without any. */
export function redriveRequest({ item, cause, age }: Chosen): Omit<RedriveBody, 'limit'> {
  const conditions = {
    ...(item !== '' && { item_id: item }),
    ...(cause !== '' && { cause }),
    ...(age !== '' && { older_than_seconds: Number(age) }),
  };
  return Object.keys(conditions).length === 0 ? { all: true } : conditions;
}

/** Requeues all dead letters, or those that meet the chosen conditions, after a confirmation. */
export function RequeueMany({ items, tell }: { items: readonly string[]; tell: (result: string) => void }) {
  const client = useQueryClient();
  const task = useTask();
  const known = useId();
  const [chosen, setChosen] = useState<Chosen>({ item: '', cause: '', age: '' });
  const set = (name: keyof Chosen) => (value: string) => setChosen({ ...chosen, [name]: value.trim() });
  const wrong = chosen.item !== '' && !ITEM_ID.test(chosen.item);
  const which = redriveRequest(chosen);
  const requeue = () =>
    task.run(async () => {
      const body = { ...which, reason: 'from the dashboard' };
      let total = 0;
      try {
        // One request takes a thousand.
        for (let more = true; more; ) {
          const answer = await fetchJson<AnswerOf<typeof redriveAnswer>>('POST', '/api/queue/redrive', { body });
          total += answer.redriven;
          more = answer.more;
          tell(total === 0 ? 'No dead letter meets these conditions.' : `${plural(total, 'order')} requeued.`);
        }
      } finally {
        await client.invalidateQueries({ queryKey: ['queue'] });
      }
    });
  return (
    <fieldset className="mt-2 space-y-2 border-line border-t pt-2">
      <legend className="sr-only">Requeue many</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        <TextField
          label="Item"
          list={known}
          placeholder="any"
          set={set('item')}
          value={chosen.item}
          wrong={wrong ? 'This is not an item id.' : undefined}
        />
        <SelectField label="Cause" options={CAUSES} set={set('cause')} value={chosen.cause} />
        <SelectField label="Given up" options={AGES} set={set('age')} value={chosen.age} />
      </div>
      <datalist id={known}>
        {items.map((item) => (
          <option key={item} value={item} />
        ))}
      </datalist>
      {wrong ? null : (
        <Confirm
          act={requeue}
          action={task}
          busyText="Requeuing"
          cautious
          no="Leave them"
          note={
            which.all ? 'Each of them is tried again, with a new set of attempts.' : 'All that match are tried again.'
          }
          small
          text={which.all ? 'Requeue all' : 'Requeue those that match'}
          yes="Requeue"
        />
      )}
    </fieldset>
  );
}
