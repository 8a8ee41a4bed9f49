import type { FormEvent, ReactNode } from 'react';
import { ApiError } from '../browser/http.ts';
import { Button } from '../ui/controls.tsx';
import { Alert } from '../ui/forms.tsx';

export interface CredentialField {
  readonly name: string;
  readonly label: string;
  readonly type: 'email' | 'password' | 'text';
  readonly autoComplete: string;
  readonly hint?: string;
}

export const EMAIL: CredentialField = { name: 'email', label: 'Email', type: 'email', autoComplete: 'username' };
export const PASSWORD: CredentialField = {
  name: 'password',
  label: 'Password',
  type: 'password',
  autoComplete: 'current-password',
};
export const NEW_PASSWORD: CredentialField = {
  ...PASSWORD,
  autoComplete: 'new-password',
  hint: 'At least 12 characters; a sentence is easy to remember.',
};

interface Props {
  readonly fields: readonly CredentialField[];
  readonly text: string;
  readonly busyText: string;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly submit: (values: Readonly<Record<string, string>>, form: HTMLFormElement) => unknown;
  readonly children?: ReactNode;
}

/** A form for secrets. The page keeps none of them: the browser's own fields hold what is typed until it is sent. */
export function CredentialsForm({ fields, text, busyText, busy, error, submit, children }: Props) {
  const refused = error instanceof ApiError ? error.errors : [];
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const values = Object.fromEntries(fields.map(({ name }) => [name, String(given.get(name) ?? '')]));
    const empty = fields.find(({ name }) => values[name]?.trim() === '');
    if (empty === undefined) submit(values, form);
    else form.querySelector<HTMLElement>(`[name=${empty.name}]`)?.focus();
  };
  return (
    <form className="space-y-3" noValidate onSubmit={send}>
      {fields.map(({ label, hint, ...input }) => {
        const message = refused.find(({ field }) => field === input.name)?.message;
        const said = message ? `${label} ${message}.` : hint;
        return (
          <label className="block" key={input.name}>
            <span className="label">{label}</span>
            <input
              aria-describedby={said ? `${input.name}-note` : undefined}
              aria-invalid={message !== undefined}
              className="field"
              {...input}
            />
            {said ? (
              <span className={`text-sm ${message ? 'text-bad' : 'text-muted'}`} id={`${input.name}-note`}>
                {said}
              </span>
            ) : null}
          </label>
        );
      })}
      {children}
      <div className="flex flex-wrap items-center gap-3">
        <Button main disabled={busy} once text={busy ? busyText : text} type="submit" />
      </div>
      <Alert error={refused.length > 0 ? null : error} />
    </form>
  );
}
