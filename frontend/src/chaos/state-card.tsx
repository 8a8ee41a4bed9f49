'use client';

import type { ChaosState, HaltState } from '@valerix/contracts';
import { type ReactNode, useState } from 'react';
import { formatSpan } from '../browser/format.ts';
import { STALE_AFTER_MS, useSession } from '../browser/hooks.ts';
import type { Action } from '../browser/use-task.ts';
import { Card } from '../ui/card.tsx';
import { Alert } from '../ui/forms.tsx';
import { Icon } from '../ui/icons.tsx';
import { NothingReceived } from '../ui/nothing-received.tsx';
import { Empty, Loading } from '../ui/parts.tsx';
import { ChaosStatus, chaosLook, HaltButton, haltWords } from './chaos-bar.tsx';
import { faultSentence } from './fault-sentence.ts';
import { useChaosAction, useChaosState, type Who } from './use-chaos.ts';

/** What is in force now, with what it has done so far, and the ways to end it. */
export function StateCard({ who }: { who: Who }) {
  const { chaos, error, age_ms } = useChaosState();
  const { operator } = useSession();
  const action = useChaosAction();
  const fresh = chaos !== null && age_ms !== null && age_ms <= STALE_AFTER_MS;
  const known = fresh ? chaos : null;
  return (
    <Card
      aside={
        <>
          <ChaosStatus chaos={known} />
          <span className="ml-auto flex flex-wrap gap-2">
            {operator === true && chaos !== null && chaos.faults.length > 0 ? (
              <button
                className="button button-small"
                disabled={action.busy}
                onClick={() => void action.send('DELETE', '/api/admin/chaos')}
                type="button"
              >
                Remove all
              </button>
            ) : null}
            <HaltButton halted={known?.halt.halted ?? false} />
          </span>
        </>
      }
      className="space-y-3"
      edge={chaosLook(known).tone}
      label="State of chaos"
      title="In force now"
    >
      {chaos === null && error === null ? <Loading label="Loading the state of chaos" rows={2} /> : null}
      {error === null && (fresh || chaos === null) ? null : (
        <NothingReceived>
          {error === null ? null : `Not known: ${error}.`}
          {chaos !== null && age_ms !== null ? ` What was known ${formatSpan(age_ms)} ago can have changed.` : null}
        </NothingReceived>
      )}
      {chaos?.halt.halted ? <Halted action={action} halt={chaos.halt} operator={operator === true} who={who} /> : null}
      {fresh && chaos.faults.length === 0 && !chaos.halt.halted ? <Empty>No fault is armed.</Empty> : null}
      {chaos !== null && chaos.faults.length > 0 ? (
        <Faults action={action} age={age_ms ?? 0} faults={chaos.faults} operator={operator === true} />
      ) : null}
      <Alert error={action.error} />
    </Card>
  );
}

interface HaltedProps {
  readonly halt: HaltState;
  readonly operator: boolean;
  readonly who: Who;
  readonly action: Action;
}

function Halted({ halt, operator, who, action }: HaltedProps) {
  const [reason, setReason] = useState('');
  return (
    <div className="rounded-lg bg-info-soft p-3">
      <p>{haltWords(halt)} No fault fires, and none can be armed, until an operator re-arms with a reason.</p>
      {operator ? (
        <form
          className="mt-2 flex flex-wrap gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void action.send('POST', '/api/admin/chaos/rearm', { by: who.created_by, reason: reason.trim() });
          }}
        >
          <input
            aria-label="Reason to re-arm"
            className="field max-w-[26rem] flex-1"
            maxLength={500}
            onChange={(event) => setReason(event.target.value)}
            placeholder="Reason to re-arm"
            value={reason}
          />
          <button className="button" disabled={action.busy || reason.trim() === ''} type="submit">
            Re-arm
          </button>
        </form>
      ) : null}
    </div>
  );
}

interface FaultsProps {
  readonly faults: ChaosState['faults'];
  readonly age: number;
  readonly operator: boolean;
  readonly action: Action;
}

function Faults({ faults, age, operator, action }: FaultsProps) {
  return (
    <ul className="divide-y divide-line">
      {faults.map((fault) => (
        <li className="flex flex-wrap items-start gap-x-4 gap-y-1 py-2" data-fault={fault.id} key={fault.id}>
          <div className="min-w-[15rem] flex-1">
            <p className="font-medium">{faultSentence(fault)}</p>
            <p className="text-[0.92rem] text-muted">
              {fault.created_by}: {fault.reason} · seed {fault.seed} ·{' '}
              {fault.confirmed_by.length === 0
                ? 'no replica has confirmed it yet'
                : `confirmed by ${fault.confirmed_by.join(', ')}`}
            </p>
          </div>
          <dl className="flex gap-5">
            <Count name="matched">{fault.matched}</Count>
            <Count name="fired">{fault.fired}</Count>
            <Count name="ends in">{formatSpan(fault.remaining_ms - age)}</Count>
          </dl>
          {operator ? (
            <button
              aria-label={`Disarm: ${faultSentence(fault)}`}
              className="button button-small"
              disabled={action.busy}
              onClick={() => void action.send('DELETE', `/api/admin/chaos/faults/${encodeURIComponent(fault.id)}`)}
              type="button"
            >
              <Icon name="bad" size={12} /> Disarm
            </button>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function Count({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-[0.92rem] text-muted">{name}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  );
}
