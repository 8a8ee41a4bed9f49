import { useSession } from '../browser/hooks.ts';
import { Card } from '../ui/card.tsx';
import { Empty, MoreButton, Note, QueryState, Time } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { auditWords, type Entry, foldedWords, foldRestocks } from './audit-words.ts';
import { reasonWords } from './fault-sentence.ts';
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
        {foldRestocks(audit.items).map((entries) => (
          <li className="py-1.5" key={`${entries[0]?.service}${entries[0]?.id}`}>
            {entries.length === 1 ? (
              <AuditEntry entry={entries[0] as Entry} others={audit.items} />
            ) : (
              <details>
                <summary>
                  <strong>{foldedWords(entries)}</strong> {entries[0]?.who}
                </summary>
                {entries.map((entry) => (
                  <AuditEntry entry={entry} key={entry.id} others={[]} />
                ))}
              </details>
            )}
          </li>
        ))}
      </ol>
      <MoreButton query={audit} text="Older" />
    </Card>
  );
}

function AuditEntry({ entry, others }: { entry: Entry; others: readonly Entry[] }) {
  return (
    <>
      <p className="flex flex-wrap items-baseline gap-x-2">
        <strong>{entry.action}</strong>
        <span className="min-w-0">{entry.who}</span>
        <span className="text-sm text-muted">at {entry.service}</span>
        <Time at={entry.at} className="ml-auto text-sm text-muted" />
      </p>
      <p className="break-words">{auditWords(entry, others)}</p>
      <p className="text-muted">{reasonWords(entry.why)}</p>
    </>
  );
}
