import { useQueryClient } from '@tanstack/react-query';
import type { HaltReport } from '@valerix/contracts';
import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { plural } from '../browser/format.ts';
import { useChaos, useSession } from '../browser/hooks.ts';
import { fetchJson } from '../browser/http.ts';
import { useTask } from '../browser/use-task.ts';
import { Button } from '../ui/controls.tsx';
import { Alert } from '../ui/forms.tsx';
import { Icon } from '../ui/icons.tsx';
import { useShown } from '../ui/show-whole.ts';
import { Status } from '../ui/status.tsx';

/** Halts chaos in every process, and keeps the answers until chaos is re-armed. */
export function useHalt() {
  const { fresh } = useChaos();
  const client = useQueryClient();
  const { busy, error, run } = useTask();
  const [reports, setReports] = useState<readonly HaltReport[]>([]);
  /** Undefined while unknown, because an old state may have changed. */
  const halted = fresh?.halt.halted;
  const last = useRef(halted);
  useEffect(() => {
    if (last.current && halted === false) setReports([]);
    last.current = halted ?? last.current;
  }, [halted]);
  const send = () =>
    run(async () => {
      const body = { reason: 'Halt all pressed on the dashboard' };
      const { items } = await fetchJson<{ items: HaltReport[] }>('POST', '/api/admin/chaos/halt', { body });
      setReports(items);
      await client.invalidateQueries({ queryKey: ['audit'] });
    });
  return { busy, error, reports, halted: halted === true, send };
}
type Halt = ReturnType<typeof useHalt>;

export function HaltButton({ halt: { busy, halted, send } }: { halt: Halt }) {
  const { operator } = useSession();
  if (operator === false) {
    return (
      <Link className="button button-small button-danger" href="/sign-in">
        <Icon name="halt" size={14} /> Sign in to halt
      </Link>
    );
  }
  return (
    <Button
      small
      danger
      busy={busy}
      disabled={halted || operator === undefined}
      onClick={send}
      icon="halt"
      text={halted ? 'Halted' : busy ? 'Halting' : 'Halt all'}
    />
  );
}

/** The answer of each process to the halt, and a retry for those that did not confirm. */
export function HaltResult({ halt: { busy, error, reports, send }, className }: { halt: Halt; className: string }) {
  const answers = useShown<HTMLDivElement>(reports.length > 0 ? reports : null);
  const confirmed = reports.filter((one) => one.confirmed).length;
  return (
    <div className={`empty:hidden ${className}`} ref={answers} role="status">
      <Alert error={error} />
      {reports.length === 0 ? null : (
        <section aria-label="Result of the halt">
          <p className="font-medium">
            {confirmed === reports.length
              ? `${confirmed === 1 ? 'The one process has' : `All ${confirmed} processes have`} confirmed: no fault is left.`
              : `${confirmed} of ${plural(reports.length, 'process', 'processes')} confirmed.`}
          </p>
          <ul className="mt-1 space-y-1">
            {reports.map((one) => (
              <li className="flex flex-wrap items-center gap-x-2 gap-y-1" key={one.url}>
                <Status tone={one.confirmed ? 'ok' : 'bad'} word={one.confirmed ? 'confirmed' : 'not told'} />
                <span className="font-medium">{one.name}</span>
                <code className="break-all text-muted">{one.url}</code>
                {one.detail ? <span className="text-muted">{one.detail}</span> : null}
              </li>
            ))}
          </ul>
          {confirmed < reports.length ? (
            <p className="mt-2 flex flex-wrap items-center gap-2">
              <span className="text-muted">A process that was not told learns of the halt when it runs again.</span>
              <Button busy={busy} icon="retry" onClick={send} small text={busy ? 'Asking again' : 'Ask again'} />
            </p>
          ) : null}
        </section>
      )}
    </div>
  );
}
