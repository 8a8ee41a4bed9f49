'use client';

import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useSession } from '../browser/hooks.ts';
import { send, toError } from '../browser/http.ts';
import { Button } from '../ui/controls.tsx';
import { Note, PageHead, Spinner } from '../ui/parts.tsx';

/** Signs in with the token of a one-time link, as soon as the page opens, or with a password. */
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
  // Only the page's script sends the token: a mail or chat program that previews the link must not use it up.
  useEffect(() => {
    if (token === null || tried.current) return;
    tried.current = true;
    // The token stays out of the browser's history, although it works only once.
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
        lead="Operators arm and halt chaos, restock items and requeue dead letters. Watching and ordering need no sign-in."
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
            <Button main disabled={busy} type="submit" text="Sign in" />
          </form>
        ) : null}
        {passwordWorks || operator === true ? null : (
          <p>
            Open the one-time link that the dashboard printed when it started. The line begins with{' '}
            <code>dashboard sign-in:</code>. Each link works once; its use prints the next one.
          </p>
        )}
      </div>
    </div>
  );
}
