import { useSession } from '../browser/hooks.ts';
import { Card } from '../ui/card.tsx';
import { Empty, MoreButton, Note, QueryState, Time } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { useAudit } from './use-chaos.ts';

/** The operators' actions at all services. */
export function AuditCard() {
  const { operator } = useSession();
  const audit = useAudit();
  const unread = audit.data?.pages[0]?.unread ?? [];
  // After a sign-out, hide what the operator read here.
  if (operator !== true) {
    return <Card title="Audit">{operator === false ? <SignInHint what="read it" /> : null}</Card>;
  }
  return (
    <Card title="Audit">
      <QueryState query={audit} rows={3} what="The audit" />
      {unread.length === 0 ? null : <Note tone="unknown">{unread.join(', ')} could not be asked.</Note>}
      {audit.isSuccess && audit.items.length === 0 ? <Empty>No changes yet.</Empty> : null}
      <ol className="divide-y divide-line">
        {audit.items.map((entry) => (
          <li className="py-1.5" key={`${entry.service}${entry.id}`}>
            <p className="flex flex-wrap items-baseline gap-x-2">
              <strong>{entry.action}</strong>
              <span className="min-w-0">{entry.who}</span>
              <span className="text-[0.92rem] text-muted">at {entry.service}</span>
              <Time at={entry.at} className="ml-auto text-[0.92rem] text-muted" />
            </p>
            <p className="text-muted">{entry.why}</p>
            <p className="break-all font-mono text-[0.85rem] text-muted">{whatOf(entry.what)}</p>
          </li>
        ))}
      </ol>
      <MoreButton query={audit} text="Older" />
    </Card>
  );
}

/** The values of a change, without nested ones. */
function whatOf(what: Record<string, unknown>): string {
  const plain = Object.entries(what).flatMap(([name, value]): string[] => {
    if (Array.isArray(value)) return [`${name}=${value.length > 2 ? `${value.length} of them` : value.join(',')}`];
    return ['string', 'number', 'boolean'].includes(typeof value) ? [`${name}=${value}`] : [];
  });
  return plain.slice(0, 8).join(' ');
}
