'use client';

import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useSession } from '../browser/hooks.ts';
import { send, toError } from '../browser/http.ts';
import { Note, PageHead, Spinner } from '../ui/parts.tsx';

/** Signs in with the one-time link's token, as soon as the page opens, or with the password. */
export function SignInPage() {
  const token = useSearchParams().get('token');
  const router = useRouter();
  const { operator, password: passwordWorks, refresh } = useSession();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const tried = useRef(false);

  const signIn = async (body: { token: string } | { password: string }) => {
    setBusy(true);
    setError(null);
    const answer = await send('POST', '/api/session', { body });
    setBusy(false);
    if (answer.status !== 200) return setError(toError(answer).message);
    await refresh();
    router.replace('/');
  };
  // Sent by the page and not by opening the address, so that a mail or chat program that previews links uses none up.
  useEffect(() => {
    if (token === null || tried.current) return;
    tried.current = true;
    // The token is used up, but it has no business in the history either.
    window.history.replaceState(null, '', '/sign-in');
    void signIn({ token });
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = new FormData(event.currentTarget).get('password');
    if (typeof value === 'string' && value !== '') void signIn({ password: value });
  };
  return (
    <div className="mx-auto max-w-[30rem] pt-6">
      <PageHead
        lead="Operators arm and halt chaos, restock items and have dead letters tried again. Watching and ordering need no sign-in."
        title="Sign in"
      />
      <div className="card space-y-3">
        {operator === true ? <Note tone="ok">You are signed in as operator.</Note> : null}
        {error === null ? null : <Note tone="bad">{error}</Note>}
        {busy ? <Spinner label="Signing in" /> : null}
        {passwordWorks && operator !== true ? (
          <form className="space-y-2" onSubmit={submit}>
            <label className="block">
              <span className="label">Operator password</span>
              <input autoComplete="current-password" className="field" name="password" type="password" />
            </label>
            <button className="button button-main" disabled={busy} type="submit">
              Sign in
            </button>
          </form>
        ) : null}
        {passwordWorks || operator === true ? null : (
          <p>
            Open the one-time link that the dashboard printed when it started. The line begins with{' '}
            <code>dashboard sign-in:</code>. Each link works once; the next one is printed when it has been used.
          </p>
        )}
      </div>
    </div>
  );
}
