import Link from 'next/link';
import { useSession } from '../browser/hooks.ts';
import { send } from '../browser/http.ts';
import { Button, TextLink } from './controls.tsx';
import { Icon } from './icons.tsx';
import { Note } from './parts.tsx';
import { useSuccessor } from './use-successor.ts';

/** Sign in for a viewer, sign out for an operator. */
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
  return <Button small onClick={signOut} title="You are signed in as operator" icon="person" text="Sign out" />;
}

/** Says at the top of a page what an operator can do there; hidden from operators. */
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

/** Shown instead of an operator's action before the sign-in. */
export function SignInHint({ what }: { what: string }) {
  return (
    <p className="text-muted">
      <TextLink href="/sign-in" text="Sign in" /> as operator to {what}.
    </p>
  );
}
