import type { ServiceKey } from '@valerix/system';
import type { ReactNode } from 'react';
import { formatCount, formatSeconds, formatShare, plural } from '../browser/format.ts';
import { useRead } from '../browser/use-read.ts';
import type { ReplicaDetails, ServiceDetails } from '../live/service-details.ts';
import { serviceWords } from '../live/services.ts';
import { QueryState } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import { BREAKER_TONES } from './breaker-words.ts';
import { alertTone } from './critical-first.ts';

/** What an open card shows: replicas, pools and bulkheads, errors by kind, breakers, and the alerts of the last day. */
export function OpenService({ of: key }: { of: ServiceKey }) {
  const query = useRead<ServiceDetails>(['service', key], `/api/live/service/${key}`, { every: 2_000 });
  const { data } = query;
  return (
    <div className="mt-2 space-y-2 border-line border-t pt-2">
      <QueryState query={query} rows={4} what="The details" />
      {data ? (
        <>
          <ul aria-label="Replicas" className="space-y-2">
            {data.replicas.map((replica) => (
              <Replica key={replica.url} replica={replica} />
            ))}
          </ul>
          <Part name="Calls, 30 s">
            {data.breakers.map(({ to, state, calls, failed, not_sent }) => (
              <li className="flex items-start justify-between gap-2" key={to}>
                <span>
                  to the {serviceWords(to)}
                  <span className="block text-muted">
                    {calls === 0 ? 'none' : `${formatShare(failed / calls)} of ${formatCount(calls)} failed`}
                    {not_sent === 0 ? null : `, ${formatCount(not_sent)} not sent`}
                  </span>
                </span>
                <Status tone={BREAKER_TONES[state]} word={`breaker ${state}`} />
              </li>
            ))}
          </Part>
          <Part name="Errors, 30 s" none="None.">
            {data.errors.map(({ kind, count }) => (
              <li className="flex items-start justify-between gap-2" key={kind}>
                <span className="min-w-0 break-words">{kind}</span>
                <strong>{formatCount(count)}</strong>
              </li>
            ))}
          </Part>
          <Part name="Alerts, last day" none={noAlerts(data)}>
            {(data.alerts ?? []).map((alert) => (
              <li className="flex items-start justify-between gap-2" key={alert.name}>
                {alert.name} <Status tone={alertTone(alert)} word={alert.severity} />
              </li>
            ))}
          </Part>
        </>
      ) : null}
    </div>
  );
}

function noAlerts({ alerts, alerts_error: error }: ServiceDetails): string {
  if (error !== null) return `Prometheus could not be asked: ${error}.`;
  return alerts === null ? 'Unknown: this installation has no Prometheus, which remembers them.' : 'None.';
}

/** A part of the card; without entries it says `none`, or nothing. */
function Part({ name, none, children }: { name: string; none?: string; children: readonly ReactNode[] }) {
  if (children.length === 0 && none === undefined) return null;
  return (
    <section aria-label={name}>
      <h3 className="text-muted text-sm">{name}</h3>
      {children.length === 0 ? <p>{none}</p> : <ul className="space-y-1">{children}</ul>}
    </section>
  );
}

function Replica({ replica: { url, up, error, version, uptime_seconds, uses } }: { replica: ReplicaDetails }) {
  return (
    <li>
      <p className="flex flex-wrap items-baseline justify-between gap-x-2">
        <code className="text-sm">{new URL(url).host}</code>
        {up ? null : <Status tone="bad" word="down" />}
      </p>
      {error === null ? null : <p className="text-bad">{error}</p>}
      <p className="text-muted">
        {`version ${version ?? 'unknown'}, up for ${uptime_seconds === null ? 'an unknown time' : formatSeconds(uptime_seconds)}`}
      </p>
      <ul className="text-sm">
        {uses.map(({ name, in_use, max, waiting }) => (
          <li className="flex justify-between gap-2" key={name}>
            <span className="min-w-0 break-words text-muted">{name}</span>
            <span className={`whitespace-nowrap ${waiting ? 'text-warn' : ''}`}>
              {`${formatCount(in_use)} of ${formatCount(max)}`}
              {waiting ? `, ${plural(waiting, 'waits', 'wait')}` : null}
            </span>
          </li>
        ))}
      </ul>
    </li>
  );
}
