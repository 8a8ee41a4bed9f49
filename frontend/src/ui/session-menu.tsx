import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useSession } from '../browser/hooks.ts';
import { send } from '../browser/http.ts';
import { Button, TextLink } from './controls.tsx';
import { Icon } from './icons.tsx';
import { Note } from './parts.tsx';
import { useSuccessor } from './use-successor.ts';

/** The page that signs in, and then leads back here. */
export function useSignInHref(page: '/sign-in' | '/sign-up' = '/sign-in'): string {
  const path = usePathname();
  return path === '/' || path.startsWith('/sign-') ? page : `${page}?next=${encodeURIComponent(path)}`;
}

/** Set when this tab signed out on purpose, until the page has seen it: then nobody needs to be told. */
let leaving = false;

/** Signs this browser out. */
export function useSignOut() {
  const { refresh } = useSession();
  return async () => {
    const { status } = await send('DELETE', '/api/session');
    leaving = status === 200;
    await refresh();
  };
}

/** Sign in for a guest; the account and sign out for everybody else. */
export function SessionMenu() {
  const { operator, name, viewer } = useSession();
  const signIn = useSuccessor<HTMLAnchorElement>();
  const href = useSignInHref();
  const signOut = useSignOut();
  const isHere = /^\/(account|users|sign-)/.test(usePathname()) || undefined;
  if (operator === undefined) return <span className="w-[4.5rem]" />;
  const leave = () => {
    signIn.expect();
    return signOut();
  };
  if (viewer) {
    return (
      <>
        <Link className="link" href="/class">
          Viewer
        </Link>
        <Button small onClick={leave} text="Leave" />
      </>
    );
  }
  if (!name) {
    return (
      <Link
        aria-current={isHere}
        className="button button-small aria-[current]:border-accent"
        href={href}
        ref={signIn.ref}
      >
        <Icon name="person" size={14} /> Sign in
      </Link>
    );
  }
  return (
    <>
      <Link
        aria-current={isHere}
        aria-label={`Your account: ${name}`}
        className="flex max-w-[11rem] items-center gap-1 rounded-md p-1.5 text-muted hover:bg-raised hover:text-text aria-[current]:bg-raised aria-[current]:text-text"
        href="/account"
        title={`You are signed in as ${name}`}
      >
        <Icon name="person" size={14} />
        <span className="hidden truncate xl:inline xl:max-w-[5rem] 2xl:max-w-none">{name}</span>
      </Link>
      <Button small onClick={leave} text="Sign out" />
    </>
  );
}

/** Loaded when there is something to say. */
const SessionNotice = lazy(() => import('./session-notice.tsx').then((found) => ({ default: found.SessionNotice })));

/** Says that this browser's session ended without its doing, or could not be renewed, and leads back. */
export function SessionNotices() {
  const { name, state = 'ok' } = useSession();
  const last = useRef<string | null>(null);
  const lost = useRef(false);
  useEffect(() => {
    if (name) lost.current = false;
    leaving = false;
    last.current = name ?? null;
  }, [name]);
  if (last.current !== null && name === null && !leaving) lost.current = true;
  if (state === 'ok' && !lost.current) return null;
  return (
    <Suspense>
      <SessionNotice dismissed={() => (lost.current = false)} state={state === 'ok' ? 'ended' : state} />
    </Suspense>
  );
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
  const href = useSignInHref();
  return (
    <p className="text-muted">
      <TextLink href={href} text="Sign in" /> as operator to {what}.
    </p>
  );
}
