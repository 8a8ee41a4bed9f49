'use client';

import { useQueryClient } from '@tanstack/react-query';
import type { User, userList } from '@valerix/contracts';
import { useState } from 'react';
import { useSession } from '../browser/hooks.ts';
import { type AnswerOf, act } from '../browser/http.ts';
import { usePages } from '../browser/use-read.ts';
import { useAction, useTask } from '../browser/use-task.ts';
import { Card } from '../ui/card.tsx';
import { Button, Confirm } from '../ui/controls.tsx';
import { Alert, SelectField, TextField } from '../ui/forms.tsx';
import { MoreButton, PageHead, QueryState, Time } from '../ui/parts.tsx';
import { NothingFound } from '../ui/search.tsx';
import { SignInNote } from '../ui/session-menu.tsx';
import { Status } from '../ui/status.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { CredentialsForm, EMAIL, NEW_PASSWORD } from './credentials-form.tsx';

const PAGE_SIZE = 50;

/** Operators list, add and disable users, and give them roles. */
export function UsersPage() {
  const { operator } = useSession();
  return (
    <>
      <PageHead
        lead="Customers place and follow their own orders. Operators see everything, and can change it. The audit of the chaos page records every change here."
        title="Users"
      />
      <SignInNote what="see the users" />
      {operator ? (
        <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,2.2fr)_minmax(300px,1fr)]">
          <UsersCard />
          <NewUserCard />
        </div>
      ) : null}
    </>
  );
}

function UsersCard() {
  const [search, setSearch] = useState('');
  const [email, setEmail] = useState('');
  const params = email === '' ? {} : { email };
  const users = usePages<AnswerOf<typeof userList>>(['users', params], '/api/identity/users', {
    params,
    limit: PAGE_SIZE,
  });
  return (
    <Card title="Users">
      <form
        className="mb-3 flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          setEmail(search.trim());
        }}
      >
        <TextField
          data-search
          label="Email begins with"
          maxLength={254}
          set={setSearch}
          type="search"
          value={search}
          width="flex-1"
        />
        <Button text="Search" type="submit" />
      </form>
      <QueryState query={users} what="The users" />
      <NothingFound
        clear={() => {
          setSearch('');
          setEmail('');
        }}
        is={users.isSuccess && users.items.length === 0}
        text="No user matches."
      />
      <Table columns={COLUMNS} keyOf={(user) => user.user_id} rows={users.items} stacked />
      <MoreButton query={users} text="More users" />
    </Card>
  );
}

const COLUMNS: ReadonlyArray<Column<User>> = [
  ['Email', ({ email }) => <span className="break-all">{email}</span>],
  ['Roles', ({ roles }) => roles.join(', ') || 'none'],
  [
    'State',
    ({ disabled }) =>
      disabled ? <Status icon="minus" tone="unknown" word="disabled" /> : <Status tone="ok" word="active" />,
  ],
  ['Since', ({ created_at }) => <Time at={created_at} />, 'text-muted wide-only'],
  ['Change', (user) => <Change user={user} />],
];

function Change({ user: { user_id, email, roles, disabled } }: { user: User }) {
  const { name } = useSession();
  const action = useAction(['users'], ['audit']);
  const change = (body: object) =>
    action.send('PATCH', `/api/identity/users/${user_id}`, { ...body, reason: 'from the dashboard' });
  // An operator who takes their own role or access could not give it back.
  if (email === name) return <span className="text-muted">you</span>;
  const isOperator = roles.includes('operator');
  const others = roles.filter((role) => role !== 'operator');
  return (
    <span className="flex flex-wrap items-center gap-2">
      {isOperator ? (
        <Confirm
          act={() => change({ roles: others })}
          action={{ busy: action.busy, error: null }}
          busyText="Changing"
          cautious
          no="Keep it"
          small
          text="Take operator"
          yes={`Take it from ${email}`}
        />
      ) : (
        <Button
          disabled={action.busy}
          onClick={() => change({ roles: [...roles, 'operator'] })}
          once
          small
          text="Make operator"
        />
      )}
      {disabled ? (
        <Button disabled={action.busy} onClick={() => change({ disabled: false })} once small text="Enable" />
      ) : (
        <Confirm
          act={() => change({ disabled: true })}
          action={{ busy: action.busy, error: null }}
          busyText="Disabling"
          cautious
          no="Leave it"
          small
          text="Disable"
          yes={`Disable ${email}`}
        />
      )}
      <Alert error={action.error} />
    </span>
  );
}

const ROLE_CHOICES = [
  ['customer', 'Customer'],
  ['operator', 'Operator'],
] as const;

function NewUserCard() {
  const client = useQueryClient();
  const { busy, error, run } = useTask();
  const [role, setRole] = useState('customer');
  const [added, setAdded] = useState<string | null>(null);
  return (
    <Card title="Add a user">
      <CredentialsForm
        busy={busy}
        busyText="Adding"
        error={error}
        fields={[{ ...EMAIL, autoComplete: 'off' }, NEW_PASSWORD]}
        submit={(credentials, form) =>
          run(async () => {
            setAdded(null);
            const roles = role === 'operator' ? ['customer', 'operator'] : ['customer'];
            const body = { ...credentials, roles, reason: 'from the dashboard' };
            await act('POST', '/api/identity/users', { body });
            form.reset();
            setAdded(credentials.email ?? '');
            await client.invalidateQueries({ queryKey: ['users'] });
          })
        }
        text="Add the user"
      >
        <SelectField label="Role" options={ROLE_CHOICES} set={setRole} value={role} />
      </CredentialsForm>
      {added === null ? null : (
        <p className="mt-2 break-all text-ok" role="status">
          {added} was added. Tell them the password; they can change it on their account page.
        </p>
      )}
    </Card>
  );
}
