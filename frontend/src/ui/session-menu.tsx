'use client';

import Link from 'next/link';
import { useSession } from '../browser/hooks.ts';
import { send } from '../browser/http.ts';
import { Icon } from './icons.tsx';
import { Note } from './parts.tsx';
import { useSuccessor } from './use-successor.ts';

/** Who is at the desk: a viewer, with the way in, or the operator, with the way out. */
export function SessionMenu() {
  const { operator, refresh } = useSession();
  const signIn = useSuccessor<HTMLAnchorElement>();
  if (operator === undefined) return <span className="w-[4.5rem]" />;
  if (!operator) {
    return (
      <Link className="button button-small" href="/sign-in" ref={signIn.ref}>
        <Icon name="person" size={14} /> Sign in
      </Link>
    );
  }
  const signOut = async () => {
    signIn.expect();
    await send('DELETE', '/api/session');
    await refresh();
  };
  return (
    <button className="button button-small" onClick={signOut} title="You are signed in as operator" type="button">
      <Icon name="person" size={14} /> Sign out
    </button>
  );
}

/** At the top of a page: what can be done there after signing in. Nothing when an operator is signed in. */
export function SignInNote({ what }: { what: string }) {
  if (useSession().operator !== false) return null;
  return (
    <div className="mb-3">
      <Note icon="person" tone="info">
        <SignInHint what={what} />
      </Note>
    </div>
  );
}

/** Stands where an operator's action would be while nobody is signed in. */
export function SignInHint({ what }: { what: string }) {
  return (
    <p className="text-muted">
      <Link className="link" href="/sign-in">
        Sign in
      </Link>{' '}
      as operator to {what}.
    </p>
  );
}
