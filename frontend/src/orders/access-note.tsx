import { useSession } from '../browser/hooks.ts';
import { Note } from '../ui/parts.tsx';

/** Says who sees which orders here; operators see all anyway. */
export function AccessNote() {
  const { operator, name, access } = useSession();
  if (operator !== false || (access === 'closed' && !name)) return null;
  return (
    <div className="mb-3">
      <Note icon="info" tone="info">
        {access === 'open'
          ? 'Access is open here: everybody may look at every order, and cancel it.'
          : 'You see your own orders. Operators see all.'}
      </Note>
    </div>
  );
}
