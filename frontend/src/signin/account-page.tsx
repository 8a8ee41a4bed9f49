'use client';

import { type ReactNode, useState } from 'react';
import { useSession } from '../browser/hooks.ts';
import { act } from '../browser/http.ts';
import { useTask } from '../browser/use-task.ts';
import { Card } from '../ui/card.tsx';
import { Confirm, TextLink } from '../ui/controls.tsx';
import { Loading, Note, PageHead } from '../ui/parts.tsx';
import { useSignInHref } from '../ui/session-menu.tsx';
import { CredentialsForm, EMAIL, NEW_PASSWORD, PASSWORD } from './credentials-form.tsx';

/** Who is signed in, and what they can change about it. */
export function AccountPage() {
  const { operator, name, account, accounts } = useSession();
  const signIn = useSignInHref();
  const signUp = useSignInHref('/sign-up');
  return (
    <div className="mx-auto max-w-[44rem]">
      <PageHead title="Account" />
      {operator === undefined ? <Loading label="Loading the account" /> : null}
      {name === null ? (
        <Note icon="person" tone="info">
          You are a guest. <TextLink href={signIn} text="Sign in" /> or <TextLink href={signUp} text="sign up" />.{' '}
          <TextLink href="/orders/mine" text="Your orders" /> are kept in this browser.
        </Note>
      ) : null}
      {name ? (
        <div className="space-y-3">
          <Card title={<span className="break-words">{name}</span>} label="You">
            <p>
              {account
                ? `You are signed in as ${operator ? 'an operator' : 'a customer'}.`
                : 'You are signed in as an operator without an account, by a link or the operator token.'}
            </p>
            <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
              {account ? (
                <li>
                  <TextLink href="/orders/mine" text="My orders" />
                </li>
              ) : null}
              {operator && accounts ? (
                <li>
                  <TextLink href="/users" text="Users" />
                </li>
              ) : null}
            </ul>
          </Card>
          {account && accounts ? <PasswordCard /> : null}
          {account && accounts ? <EverywhereCard /> : null}
          {!account && accounts ? <OwnAccountCard /> : null}
        </div>
      ) : null}
    </div>
  );
}

/** Runs a task, and then reads the session that it changed. */
function useSessionTask() {
  const { refresh } = useSession();
  const { busy, error, run } = useTask();
  const change = (task: () => Promise<unknown>) =>
    run(async () => {
      await task();
      await refresh();
      return true;
    });
  return { busy, error, change };
}

function Done({ children }: { children: ReactNode }) {
  return (
    <p className="text-ok" role="status">
      {children}
    </p>
  );
}

const PASSWORDS = [
  { ...PASSWORD, name: 'current_password', label: 'Present password' },
  { ...NEW_PASSWORD, name: 'new_password', label: 'New password' },
];

function PasswordCard() {
  const { name } = useSession();
  const { busy, error, change } = useSessionTask();
  const [done, setDone] = useState(false);
  return (
    <Card title="Change the password">
      <CredentialsForm
        busy={busy}
        busyText="Changing"
        error={error}
        fields={PASSWORDS}
        submit={async (body, form) => {
          setDone(false);
          if (!(await change(() => act('POST', '/api/session/password', { body })))) return;
          form.reset();
          setDone(true);
        }}
        text="Change the password"
      >
        {/* Password managers look for the account's name in the form. */}
        <input autoComplete="username" defaultValue={name ?? ''} hidden name="username" readOnly type="text" />
      </CredentialsForm>
      {done ? <Done>The password is changed, and every other browser is signed out.</Done> : null}
    </Card>
  );
}

function EverywhereCard() {
  const { busy, error, change } = useSessionTask();
  return (
    <Card title="Sign out everywhere">
      <p className="mb-2 text-muted">
        Ends every session of this account, this one too. Browsers notice within fifteen minutes.
      </p>
      <Confirm
        act={() => change(() => act('DELETE', '/api/session', { params: { everywhere: 'true' } }))}
        action={{ busy, error }}
        busyText="Signing out"
        cautious
        no="Stay signed in"
        text="Sign out everywhere"
        yes="Yes, everywhere"
      />
    </Card>
  );
}

/** Gives an operator who came by link or token an account, so that the audit has a name. */
function OwnAccountCard() {
  const { busy, error, change } = useSessionTask();
  return (
    <Card title="Make your account">
      <p className="mb-3 text-muted">With an account, the audit names you in place of “operator”.</p>
      <CredentialsForm
        busy={busy}
        busyText="Making it"
        error={error}
        fields={[EMAIL, NEW_PASSWORD]}
        submit={(credentials) =>
          change(async () => {
            const user = { ...credentials, roles: ['customer', 'operator'], reason: 'own account, by link or token' };
            await act('POST', '/api/identity/users', { body: user });
            await act('POST', '/api/session', { body: credentials });
          })
        }
        text="Make an operator's account"
      />
    </Card>
  );
}
