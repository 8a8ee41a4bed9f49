import type { Experiment } from '@valerix/contracts';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../browser/http.ts';
import { Button } from '../ui/controls.tsx';
import { Alert, TextField } from '../ui/forms.tsx';
import { useSuccessor } from '../ui/use-successor.ts';
import { formErrors, type StartField, type StartValues, startBody } from './start-errors.ts';
import { useStart } from './use-gamedays.ts';
import { longRunWords } from './words.ts';

const FIELDS: ReadonlyArray<{ name: StartField; label: string }> = [
  { name: 'duration_s', label: 'Seconds of load' },
  { name: 'rate', label: 'Orders a second' },
  { name: 'seed', label: 'Seed' },
];

/** Starts a run with a seed, duration and rate, and then opens its page. */
export function StartForm({ experiment, busy, fresh }: { experiment: Experiment; busy: boolean; fresh: boolean }) {
  const router = useRouter();
  const { busy: starting, error, start } = useStart();
  const { name, method_s, replicas } = experiment;
  const [values, setValues] = useState<StartValues>({
    seed: String(experiment.seed),
    duration_s: String(experiment.duration_s),
    rate: String(experiment.rate),
  });
  const [asked, setAsked] = useState(false);
  const [sure, setSure] = useState(false);
  const notNow = useSuccessor<HTMLButtonElement>();
  const begin = useSuccessor<HTMLButtonElement>();
  const wrong = formErrors(values);
  const warning = longRunWords({ duration_s: Number(values.duration_s) || experiment.duration_s, method_s });
  const asks = sure && warning !== null;
  const refused = error instanceof ApiError ? error.errors : [];
  const said = Object.fromEntries(refused.map(({ field, message }) => [field, message]));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (Object.keys(wrong).length > 0) return;
    if (warning !== null && !sure) {
      notNow.expect();
      setSure(true);
      return;
    }
    const gameday = await start(startBody(name, values));
    if (gameday !== null) router.push(`/gamedays/${gameday}`);
  };
  return (
    <form aria-label={`Start ${experiment.title}`} className="space-y-2" noValidate onSubmit={submit}>
      <div className="grid gap-2 sm:grid-cols-3">
        {FIELDS.map(({ name: field, label }) => {
          const message = (asked ? wrong[field] : undefined) ?? said[field];
          return (
            <TextField
              inputMode="numeric"
              key={field}
              label={label}
              set={(value) => {
                setSure(false);
                setValues({ ...values, [field]: value });
              }}
              value={values[field]}
              wrong={message ? `${label} ${message}.` : undefined}
            />
          );
        })}
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {asks ? <p>{warning}</p> : null}
        <Button
          main
          once
          disabled={busy || starting}
          type="submit"
          icon={starting ? 'wait' : 'play'}
          ref={begin.ref}
          text={starting ? 'Starting' : asks ? 'Yes, start it' : 'Start the game day'}
        />
        {asks && !starting ? (
          <Button
            onClick={() => {
              begin.expect();
              setSure(false);
            }}
            ref={notNow.ref}
            text="Not now"
          />
        ) : null}
        <p className="min-w-[12rem] flex-1 text-sm text-muted">
          {busy ? 'Another game day is running.' : hint(method_s, fresh ? replicas : null)}
        </p>
      </div>
      <Alert error={refused.length > 0 ? null : error} />
    </form>
  );
}

/** `replicas`: of the system that starts for the run; null: the run breaks this one. */
function hint(seconds: number, replicas: Experiment['replicas'] | null): string {
  const takes = `The steps take ${seconds} s, whatever the duration.`;
  if (replicas === null) return `${takes} They break this system, and the orders stay in it.`;
  const processes = Object.values(replicas).reduce((sum, count) => sum + count, 0);
  return `${takes} ${processes} services, a database and Redis start beside this system, and stop at the end.`;
}
