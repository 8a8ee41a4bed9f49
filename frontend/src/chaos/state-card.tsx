import type { ChaosState, HaltState } from '@valerix/contracts';
import { MAX_FAULT_SECONDS } from '@valerix/contracts/plain';
import { useState } from 'react';
import { formatSpan } from '../browser/format.ts';
import { useChaos, useSession } from '../browser/hooks.ts';
import type { Action } from '../browser/use-task.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Alert } from '../ui/forms.tsx';
import { NothingReceived } from '../ui/nothing-received.tsx';
import { Empty, Figure, Loading } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import { chaosLook, haltWords, MayReturn, OFF_WORDS } from './chaos-bar.tsx';
import { faultSentence, reasonWords } from './fault-sentence.ts';
import { HaltButton, HaltResult, useHalt } from './halt.tsx';
import { useChaosAction } from './use-chaos.ts';

/** The active faults, their counts so far, and the buttons that end them, in view while the page scrolls; then the answers to a halt. */
export function StateCard() {
  const { chaos, error, age_ms, fresh: known, may_return, off } = useChaos();
  const look = chaosLook(known, off);
  const { operator } = useSession();
  const action = useChaosAction();
  const halt = useHalt();
  const canAct = operator === true;
  const card = (
    <Card
      aside={
        <>
          <Status {...look} />
          <span className="ml-auto flex flex-wrap gap-2">
            {canAct && chaos !== null && chaos.faults.length > 0 ? (
              <Button
                small
                busy={action.busy}
                onClick={() => void action.send('DELETE', '/api/admin/chaos')}
                text="Disarm all"
              />
            ) : null}
            {off ? null : <HaltButton halt={halt} />}
          </span>
        </>
      }
      className="space-y-3"
      edge={look.tone}
      label="State of chaos"
      title="Active faults"
    >
      {chaos === null && error === null ? <Loading label="Loading the state of chaos" rows={2} /> : null}
      {error === null && (known !== null || chaos === null) ? null : (
        <NothingReceived>
          {off ? OFF_WORDS : error === null ? null : `Unknown: ${error}.`}
          {chaos !== null && chaos.faults_known !== false && age_ms !== null
            ? ` This state is ${formatSpan(age_ms)} old and may have changed.`
            : null}
        </NothingReceived>
      )}
      {known === null ? <MayReturn faults={may_return} /> : null}
      {chaos?.halt.halted ? <Halted action={action} halt={chaos.halt} operator={canAct} /> : null}
      {known?.faults.length === 0 && !known.halt.halted ? <Empty>No fault is armed.</Empty> : null}
      {chaos !== null && chaos.faults.length > 0 ? (
        <Faults action={action} age={age_ms ?? 0} faults={chaos.faults} operator={canAct} />
      ) : null}
      <Alert error={action.error} />
    </Card>
  );
  return (
    <>
      <div
        className="sticky top-(--header) z-10 max-h-[30vh] overflow-y-auto rounded-[10px] sm:max-h-[45vh]"
        data-on-top
      >
        {card}
      </div>
      {/* Below what stays in place: a phone would cut its list off. */}
      <HaltResult className="card" halt={halt} />
    </>
  );
}

type HaltedProps = Readonly<{ halt: HaltState; operator: boolean; action: Action }>;

function Halted({ halt, operator, action }: HaltedProps) {
  const [reason, setReason] = useState('');
  return (
    <div className="rounded-lg bg-info-soft p-3">
      <p>{haltWords(halt)} No fault fires, and none can be armed, until an operator re-arms chaos with a reason.</p>
      {operator ? (
        <form
          className="mt-2 flex flex-wrap gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void action.send('POST', '/api/admin/chaos/rearm', { reason: reason.trim() });
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
          <Button busy={action.busy} disabled={reason.trim() === ''} type="submit" text="Re-arm" />
        </form>
      ) : null}
    </div>
  );
}

type FaultsProps = Readonly<{ faults: ChaosState['faults']; age: number; operator: boolean; action: Action }>;

function Faults({ faults, age, operator, action }: FaultsProps) {
  return (
    <ul className="divide-y divide-line">
      {faults.map((fault) => (
        <li className="flex flex-wrap items-start gap-x-4 gap-y-1 py-2" data-fault={fault.id} key={fault.id}>
          <div className="min-w-[15rem] flex-1">
            <p className="font-medium">{faultSentence(fault)}</p>
            <p className="text-sm text-muted">
              Armed by {fault.created_by}: {reasonWords(fault.reason)} · seed {fault.seed} ·{' '}
              {fault.confirmed_by.length === 0
                ? 'not confirmed by any replica yet'
                : `confirmed by ${fault.confirmed_by.join(', ')}`}
            </p>
          </div>
          <dl className="flex gap-5">
            <Figure name="matched" value={fault.matched} />
            <Figure name="fired" value={fault.fired} />
            <Figure name="ends in" value={formatSpan(fault.remaining_ms - age)} />
          </dl>
          {operator ? (
            <span className="flex gap-2">
              {fault.preset === undefined && fault.max_hits === undefined ? (
                <ExtendButton action={action} age={age} fault={fault} />
              ) : null}
              <Button
                aria-label={`Disarm: ${faultSentence(fault)}`}
                small
                busy={action.busy}
                onClick={() => void action.send('DELETE', `/api/admin/chaos/faults/${encodeURIComponent(fault.id)}`)}
                icon="bad"
                text="Disarm"
              />
            </span>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

type ExtendProps = Readonly<{ fault: ChaosState['faults'][number]; age: number; action: Action }>;

/**
 * Five minutes more: the same fault is armed anew, then this one is disarmed. The same seed hits the same orders; a counted fault
 * (`every_nth`) counts from one again.
 */
function ExtendButton({ fault, age, action }: ExtendProps) {
  const extend = async () => {
    const { id, service, point, type, match, percentage, every_nth, params, seed, reason } = fault;
    const left = Math.max(0, fault.remaining_ms - age) / 1000;
    const seconds = Math.min(MAX_FAULT_SECONDS, Math.round(left) + EXTEND_SECONDS);
    const same = { service, point, type, match, percentage, params, seed, reason, ...(every_nth && { every_nth }) };
    const armed = await action.send('POST', '/api/admin/chaos/faults', { ...same, ttl_seconds: seconds });
    if (armed) await action.send('DELETE', `/api/admin/chaos/faults/${encodeURIComponent(id)}`);
  };
  return (
    <Button
      aria-label={`Extend: ${faultSentence(fault)}`}
      busy={action.busy}
      onClick={() => void extend()}
      once
      small
      text="+5 min"
    />
  );
}

const EXTEND_SECONDS = 300;
