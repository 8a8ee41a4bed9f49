'use client';

import type { ReplicaState } from '@valerix/contracts';
import { formatSpan, plural } from '../browser/format.ts';
import { useFreshChaos, useLive, useSilence } from '../browser/hooks.ts';
import { Card } from '../ui/card.tsx';
import { Empty } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import { useChaosState } from './use-chaos.ts';

/** What each process says it has in force, in its own words and not in those of the store. */
export function ReplicasCard() {
  const { chaos } = useChaosState();
  const { state } = useLive();
  const silence = useSilence() ?? 0;
  const fresh = useFreshChaos() !== null;
  const replicas = chaos?.replicas ?? [];
  return (
    <Card label="Replicas" title="What each process says">
      {replicas.length === 0 ? <Empty>No process has reported yet.</Empty> : null}
      <ul className="divide-y divide-line">
        {replicas.map((one) => {
          // By the server's clock. The age of the reading is part of it already.
          const seen = Math.max(0, (state?.at_ms ?? 0) + silence - Date.parse(one.seen_at));
          return (
            <li className="py-2" key={`${one.service}${one.replica}`}>
              <p className="flex flex-wrap items-center justify-between gap-2">
                <span className="min-w-0">
                  <span className="font-medium">{one.service}</span>{' '}
                  <code className="break-all text-muted">{one.replica}</code>
                </span>
                <ReplicaStatus fresh={fresh} replica={one} />
              </p>
              <p className="text-[0.92rem] text-muted">
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

function ReplicaStatus({ replica, fresh }: { replica: ReplicaState; fresh: boolean }) {
  if (!fresh) return <Status tone="unknown">unknown</Status>;
  if (replica.halted) {
    return (
      <Status icon="halt" tone="info">
        halted
      </Status>
    );
  }
  const calm = replica.faults.length === 0;
  return (
    <Status icon={calm ? 'shield' : 'chaos'} tone={calm ? 'ok' : 'warn'}>
      {plural(replica.faults.length, 'fault')}
    </Status>
  );
}
