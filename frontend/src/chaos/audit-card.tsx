'use client';

import { formatTime } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import { Empty, Failure, Loading } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { useAudit } from './use-chaos.ts';

/** Who changed what, and why. */
export function AuditCard() {
  const { operator } = useSession();
  const audit = useAudit();
  const entries = audit.data?.pages.flatMap((page) => page.items) ?? [];
  // What an operator read here is not for whoever comes after the sign-out.
  if (operator !== true) {
    return (
      <section aria-label="Audit" className="card">
        <h2 className="mb-1">Audit</h2>
        {operator === false ? <SignInHint what="read it" /> : null}
      </section>
    );
  }
  return (
    <section aria-label="Audit" className="card">
      <h2 className="mb-1">Audit</h2>
      {audit.isPending ? <Loading label="Loading the audit" rows={3} /> : null}
      {audit.isError ? <Failure error={audit.error} retry={() => void audit.refetch()} what="The audit" /> : null}
      {audit.isSuccess && entries.length === 0 ? <Empty>Nothing was changed yet.</Empty> : null}
      <ol className="divide-y divide-line">
        {entries.map((entry) => (
          <li className="py-1.5" key={entry.id}>
            <p className="flex flex-wrap items-baseline gap-x-2">
              <strong>{entry.action}</strong>
              <span className="min-w-0">{entry.who}</span>
              <time className="ml-auto text-[0.92rem] text-muted" dateTime={entry.at}>
                {formatTime(entry.at)}
              </time>
            </p>
            <p className="text-muted">{entry.why}</p>
            <p className="break-all font-mono text-[0.85rem] text-muted">{whatOf(entry.what)}</p>
          </li>
        ))}
      </ol>
      {audit.hasNextPage ? (
        <button className="button button-small mt-2" onClick={() => void audit.fetchNextPage()} type="button">
          Older
        </button>
      ) : null}
    </section>
  );
}

/** The plain values of what was changed, without the nested ones. */
function whatOf(what: Record<string, unknown>): string {
  const shown = Object.entries(what).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return shown
    .slice(0, 8)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}
