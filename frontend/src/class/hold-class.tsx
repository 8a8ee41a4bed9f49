import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatTime } from '../browser/format.ts';
import { act } from '../browser/http.ts';
import { useAction } from '../browser/use-task.ts';
import type { ClassView } from '../live/class-view.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Alert, SelectField } from '../ui/forms.tsx';
import { CopyText } from '../ui/parts.tsx';

const KEY = ['class'];
const LENGTHS = [45, 90, 240, 480].map((minutes) => [minutes, `${minutes} min`] as const);

interface Held {
  readonly class: ClassView | null;
  readonly code?: string | null;
}

/** Opens and ends a class, and shows how to join it. `open`: by the live data. */
export function HoldClass({ open }: { open: boolean }) {
  const action = useAction(KEY);
  const [minutes, setMinutes] = useState<number>(90);
  const held = useQuery({
    queryKey: [...KEY, open],
    queryFn: async ({ signal }) => (await act('GET', '/api/class', { signal })).body as Held,
  }).data;
  const code = held?.code ?? null;
  return (
    <Card className="space-y-2" label="The class" title="The class">
      {code === null ? (
        <div className="flex flex-wrap items-end gap-2">
          <SelectField label="Ends after" options={LENGTHS} set={(next) => setMinutes(Number(next))} value={minutes} />
          <Button
            busy={action.busy}
            main
            onClick={() => void action.send('POST', '/api/class', { minutes })}
            once
            text="Open a class"
          />
        </div>
      ) : (
        <>
          <p className="text-muted">Viewers join on this page by the code, or by the link.</p>
          <p className="font-mono text-2xl tracking-wider" data-code={code}>
            {code.slice(0, 4)}-{code.slice(4)}
          </p>
          <CopyText label="the link for viewers" text={`${window.location.origin}/class?code=${code}`} />
          <p className="text-muted">
            Anyone with the code can look on until {formatTime(new Date(held?.class?.ends_at_ms ?? 0).toISOString())},
            or until you end the class.
          </p>
          <Button
            busy={action.busy}
            danger
            onClick={() => void action.send('DELETE', '/api/class')}
            text="End the class"
          />
        </>
      )}
      <Alert error={action.error} />
    </Card>
  );
}
