import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { plural } from '../browser/format.ts';
import { useChaos } from '../browser/hooks.ts';
import { act } from '../browser/http.ts';
import { newKey } from '../browser/new-key.ts';
import { useTask } from '../browser/use-task.ts';
import { useStock } from '../catalogue/use-stock.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Alert } from '../ui/forms.tsx';

/** Every item has at least so many units afterwards. */
const UNITS = 100;

/** Brings the system back to where an exercise can begin: no load, no fault, and stock of every item. Safe to repeat. */
export function ResetAll() {
  const { chaos, off } = useChaos();
  const { items, fetchNextPage, hasNextPage } = useStock();
  const client = useQueryClient();
  const { busy, error, run } = useTask();
  const [done, setDone] = useState<readonly string[]>([]);
  const short = items.filter(({ quantity }) => quantity < UNITS);
  const reset = () => {
    const say = (words: string) => setDone((before) => [...before, words]);
    return run(async () => {
      setDone([]);
      await act('DELETE', '/api/load');
      say('Load is stopped.');
      if (!off) {
        const body = { reason: 'Reset of a class' };
        if (chaos?.halt.halted) await act('POST', '/api/admin/chaos/rearm', { body });
        await act('DELETE', '/api/admin/chaos');
        say('No fault is active.');
      }
      for (const { item_id, quantity } of short) {
        const body = { restock_id: newKey(), quantity: UNITS - quantity };
        await act('POST', `/api/inventory/${item_id}/restock`, { body });
      }
      say(short.length === 0 ? 'The stock was full.' : `${plural(short.length, 'item')} restocked.`);
      for (const key of ['inventory', 'ledger', 'audit']) await client.invalidateQueries({ queryKey: [key] });
    });
  };
  return (
    <Card className="space-y-2" label="Reset" title="Begin anew">
      <p className="text-muted">
        Stops the load, ends all faults, and restocks every item to at least {UNITS} units. Orders stay: they are
        history.
      </p>
      <Button busy={busy} icon="retry" main onClick={() => void reset()} once text={busy ? 'Resetting' : 'Reset'} />
      {hasNextPage ? (
        <p className="text-muted">
          Only the items read so far are restocked.{' '}
          <Button onClick={() => void fetchNextPage()} small text="Read more" />
        </p>
      ) : null}
      <div role="status">
        <ul>
          {done.map((words) => (
            <li className="text-ok" key={words}>
              {words}
            </li>
          ))}
        </ul>
      </div>
      <Alert error={error} />
    </Card>
  );
}
