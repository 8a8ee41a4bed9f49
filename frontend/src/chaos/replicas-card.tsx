import type { ReplicaState } from '@valerix/contracts';
import { formatSpan, plural } from '../browser/format.ts';
import { useChaos, useLive, useSilence } from '../browser/hooks.ts';
import { Card } from '../ui/card.tsx';
import { Empty } from '../ui/parts.tsx';
import { type Look, Status, UNKNOWN } from '../ui/status.tsx';

/** The active faults that each process itself reports, as opposed to the stored state. */
export function ReplicasCard() {
  const { chaos, fresh } = useChaos();
  const { state } = useLive();
  const silence = useSilence().silence ?? 0;
  const replicas = chaos?.replicas ?? [];
  return (
    <Card label="Replicas" title="Replicas">
      {replicas.length === 0 ? <Empty>No replica has reported yet.</Empty> : null}
      <ul className="divide-y divide-line">
        {replicas.map((one) => {
          // By the server's clock, so the age of the reading is included.
          const seen = Math.max(0, (state?.at_ms ?? 0) + silence - Date.parse(one.seen_at));
          return (
            <li className="py-2" key={`${one.service}${one.replica}`}>
              <p className="flex flex-wrap items-center justify-between gap-2">
                <span className="min-w-0">
                  <span className="font-medium">{one.service}</span>{' '}
                  <code className="break-all text-muted">{one.replica}</code>
                </span>
                <Status {...(fresh ? lookOf(one) : UNKNOWN)} />
              </p>
              <p className="text-sm text-muted">
                reported {formatSpan(seen)} ago
                {one.faults.map((fault) => ` · ${fault.id.slice(0, 8)}: ${fault.fired} of ${fault.matched} fired`)}
              </p>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function lookOf({ halted, faults }: ReplicaState): Look {
  if (halted) return { icon: 'halt', tone: 'info', word: 'halted' };
  const word = plural(faults.length, 'fault');
  return faults.length === 0 ? { icon: 'shield', tone: 'ok', word } : { icon: 'chaos', tone: 'warn', word };
}
