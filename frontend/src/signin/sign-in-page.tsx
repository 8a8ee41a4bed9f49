'use client';

import { useSearchParams } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { useSession } from '../browser/hooks.ts';
import { TextLink } from '../ui/controls.tsx';
import { Alert } from '../ui/forms.tsx';
import { Note, PageHead, Spinner } from '../ui/parts.tsx';
import { CredentialsForm, EMAIL, PASSWORD } from './credentials-form.tsx';
import { useSignIn } from './use-sign-in.ts';

/** Signs in with an account, with the token of a one-time link as soon as the page opens, or with the operator token. */
export function SignInPage() {
  const params = useSearchParams();
  const token = params.get('token');
  const { name, accounts, provider } = useSession();
  const account = useSignIn();
  const link = useSignIn();
  const tried = useRef(false);
  // Only the page's script sends the token: a mail or chat program that previews the link must not use it up.
  useEffect(() => {
    if (token === null || tried.current) return;
    tried.current = true;
    // The token stays out of the browser's history, although it works only once.
    window.history.replaceState(null, '', '/sign-in');
    void link.signIn({ token });
  });
  const query = params.get('next') === null ? '' : `?next=${encodeURIComponent(params.get('next') ?? '')}`;
  return (
    <div className="mx-auto max-w-[30rem] pt-6">
      <PageHead
        lead="Watching and ordering need no account. With one, your orders are yours in every browser; operators also arm and halt chaos, restock and requeue."
        title="Sign in"
      />
      <div className="space-y-3">
        {name ? <Note tone="ok">You are signed in as {name}.</Note> : null}
        {link.busy ? <Spinner label="Signing in" /> : null}
        <Alert error={link.error} />
        {accounts ? (
          <section aria-label="With an account" className="card">
            <CredentialsForm
              busy={account.busy}
              busyText="Signing in"
              error={account.error}
              fields={[EMAIL, PASSWORD]}
              submit={(values) => account.signIn(values)}
              text="Sign in"
            />
            <p className="mt-3 text-muted">
              No account yet? <TextLink href={`/sign-up${query}`} text="Sign up" />
            </p>
          </section>
        ) : null}
        {provider ? (
          <section aria-label="With an account" className="card">
            {/* Not a Link: this address leads to the provider, on another site. */}
            <a className="button button-main" href={`/api/session/provider${query}`}>
              Sign in with your organisation
            </a>
          </section>
        ) : null}
        <WithoutAccount open={!accounts && !provider} />
      </div>
    </div>
  );
}

const OPERATOR_TOKEN = {
  name: 'operator_token',
  label: 'Operator token',
  type: 'password',
  autoComplete: 'off',
} as const;

/** The way in that does not need identity-service: for a new installation, and for an incident. */
function WithoutAccount({ open }: { open: boolean }) {
  const { busy, error, signIn } = useSignIn();
  return (
    <details className="card" open={open}>
      <summary className="cursor-pointer font-medium">Operators: sign in without an account</summary>
      <div className="mt-3 space-y-3">
        <p>
          This works in an incident too, without the identity service. Open a one-time link: <code>make sign-in</code>{' '}
          prints one, and so does the dashboard when it starts, in the line that begins with{' '}
          <code>dashboard sign-in:</code>. Or enter the operator token, the value of <code>OPERATOR_TOKEN</code>.
        </p>
        <CredentialsForm
          busy={busy}
          busyText="Signing in"
          error={error}
          fields={[OPERATOR_TOKEN]}
          submit={(values) => signIn(values)}
          text="Sign in as operator"
        />
      </div>
    </details>
  );
}
