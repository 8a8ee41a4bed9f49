'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useLiveOf, useSession } from '../browser/hooks.ts';
import { act } from '../browser/http.ts';
import { useTask } from '../browser/use-task.ts';
import { Button } from '../ui/controls.tsx';
import { Alert, TextField } from '../ui/forms.tsx';
import { Note, PageHead } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { HoldClass } from './hold-class.tsx';
import { PresentForm } from './present-form.tsx';
import { ResetAll } from './reset-all.tsx';
import { Stage } from './stage.tsx';

/** A class: operators open it, reset the system and present; viewers join by its code and look on. */
export function ClassPage() {
  const { operator, viewer } = useSession();
  const open = useLiveOf(({ state }) => state?.class ?? null);
  return (
    <>
      <PageHead
        lead="People join by a code and look on in their own browsers. They see what a guest sees and what you present, and cannot change anything."
        title="A class"
      />
      <div className="space-y-3">
        {viewer ? (
          <Note tone="ok">You look on as a viewer: you see what a guest sees, and can change nothing.</Note>
        ) : null}
        {operator ? (
          <div className="grid gap-3 lg:grid-cols-3">
            <HoldClass open={open !== null} />
            <PresentForm open={open !== null} shown={open?.shown ?? null} />
            <ResetAll />
          </div>
        ) : null}
        {operator === false && !viewer ? <Join /> : null}
        {operator === false && !viewer ? <SignInHint what="hold a class" /> : null}
        <Stage shown={open?.shown ?? null} />
      </div>
    </>
  );
}

/** Joins by the code in the address as soon as the page opens, or by one that is typed. */
function Join() {
  const given = useSearchParams().get('code');
  const { name, refresh } = useSession();
  const client = useQueryClient();
  const { busy, error, run } = useTask();
  const [code, setCode] = useState('');
  const tried = useRef(false);
  const join = (which: string) =>
    run(async () => {
      await act('POST', '/api/class/join', { body: { code: which } });
      await refresh();
      await client.invalidateQueries();
    });
  useEffect(() => {
    if (given === null || name || tried.current) return;
    tried.current = true;
    window.history.replaceState(null, '', '/class');
    void join(given);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void join(code);
  };
  if (name) return <Note tone="info">To look on as a viewer, sign out first: a viewer acts for nobody.</Note>;
  return (
    <form aria-label="Join a class" className="card flex flex-wrap items-end gap-2" onSubmit={submit}>
      <TextField
        autoComplete="off"
        label="Code of the class"
        maxLength={40}
        placeholder="ABCD-EFGH"
        set={setCode}
        value={code}
        width="w-52"
      />
      <Button busy={busy} disabled={code.trim() === ''} main text="Join as a viewer" type="submit" />
      <Alert error={error} />
    </form>
  );
}
