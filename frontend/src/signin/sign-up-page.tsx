'use client';

import { useSearchParams } from 'next/navigation';
import { useSession } from '../browser/hooks.ts';
import { TextLink } from '../ui/controls.tsx';
import { Note, PageHead } from '../ui/parts.tsx';
import { CredentialsForm, EMAIL, NEW_PASSWORD } from './credentials-form.tsx';
import { useSignIn } from './use-sign-in.ts';

/** Makes a customer's account, and signs in with it. */
export function SignUpPage() {
  const { name, accounts } = useSession();
  const next = useSearchParams().get('next');
  const { busy, error, signIn } = useSignIn('/shop');
  const query = next === null ? '' : `?next=${encodeURIComponent(next)}`;
  return (
    <div className="mx-auto max-w-[30rem] pt-6">
      <PageHead
        lead="An account keeps your orders, in every browser in which you sign in. What you ordered as a guest stays with this browser."
        title="Sign up"
      />
      <div className="space-y-3">
        {name ? <Note tone="ok">You are signed in as {name}.</Note> : null}
        {accounts === false ? <Note tone="info">Accounts are made elsewhere here; sign in with yours.</Note> : null}
        {accounts ? (
          <section aria-label="A new account" className="card">
            <CredentialsForm
              busy={busy}
              busyText="Signing up"
              error={error}
              fields={[EMAIL, NEW_PASSWORD]}
              submit={(values) => signIn(values, '/api/session/sign-up')}
              text="Sign up"
            />
          </section>
        ) : null}
        <p className="text-muted">
          Have an account? <TextLink href={`/sign-in${query}`} text="Sign in" />
        </p>
      </div>
    </div>
  );
}
