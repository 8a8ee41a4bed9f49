'use client';

import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { useSession } from '../browser/hooks.ts';
import { useStock } from '../catalogue/use-stock.ts';
import { VerdictBanner } from '../overview/verdict-banner.tsx';
import { Button } from '../ui/controls.tsx';
import { Explained } from '../ui/explained.tsx';
import { Alert, SelectField } from '../ui/forms.tsx';
import { Note, PageHead, Spinner } from '../ui/parts.tsx';
import { SignInNote } from '../ui/session-menu.tsx';
import { showWhole } from '../ui/show-whole.ts';
import { Status, TONES } from '../ui/status.tsx';
import { DemoLive } from './demo-live.tsx';
import { currentStep, type DemoStep, STEPS } from './steps.ts';
import { useDemo } from './use-demo.ts';

const FIRST_ITEM = 'headset';

/** The guided demo "Schrödinger's warehouse": each step shows what to expect, and then what happened. */
export function DemoPage() {
  const [item, setItem] = useState(FIRST_ITEM);
  const demo = useDemo(item);
  const { facts, busy, reset } = demo;
  const stock = useStock();
  const at = currentStep(facts);
  const steps = useRef<HTMLOListElement>(null);
  // Enter goes on: the next step's button gets the focus that the button of this step had.
  useEffect(() => {
    const next = steps.current?.querySelector<HTMLElement>('[data-place="now"]');
    if (at > 0 && next) showWhole(next);
    const { activeElement, body } = document;
    if (at > 0 && (activeElement === body || steps.current?.contains(activeElement)))
      next?.querySelector<HTMLElement>('.button-main')?.focus();
  }, [at]);
  // Also on a page where nothing has the focus yet.
  useEffect(() => {
    const onKey = ({ key, target, repeat }: KeyboardEvent) => {
      if (key === 'Enter' && !repeat && target === document.body) {
        steps.current?.querySelector<HTMLElement>('[data-place="now"] .button-main')?.click();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const asExpected = STEPS.every((step) => step.happened(facts).met === true);
  const choose = (next: string) => {
    setItem(next);
    reset(next);
  };
  return (
    <>
      <PageHead
        lead="The stock deduction commits, and the reply never arrives. Did it happen? Retry, and you deduct twice. Do not, and you lose the order. Seven steps; Enter goes on."
        title="Schrödinger's warehouse"
      >
        <Link className="button button-small" href="/chaos">
          Chaos page
        </Link>
        {/* Disabled during a step: its result would count in the next round. */}
        <Button small disabled={busy} onClick={() => reset(item)} icon="retry" text="Start over" />
      </PageHead>
      <SignInNote what="carry out this demo" />
      <div className="mb-3 flex flex-wrap items-end gap-3">
        <SelectField
          className="w-auto"
          disabled={busy || at > 0}
          label="Item to order"
          options={stock.items.map((one) => [one.item_id, one.item_name])}
          set={choose}
          value={item}
        />
      </div>
      <div className="grid gap-3 lg:grid-cols-2">
        <div className="min-w-0 space-y-3">
          <ol className="space-y-2" ref={steps}>
            {STEPS.map((step, index) => (
              <StepCard
                demo={demo}
                key={step.id}
                number={index + 1}
                place={index < at ? 'done' : index === at ? 'now' : 'later'}
                step={step}
              />
            ))}
          </ol>
          {at === STEPS.length ? (
            <>
              <Note tone={asExpected ? 'ok' : 'warn'}>
                {asExpected
                  ? 'The order was neither lost nor doubled.'
                  : 'Some steps did not go as expected; the steps above say which.'}{' '}
                <Link className="link" href={`/orders/${facts.order_id}`}>
                  Everything that happened to it
                </Link>
              </Note>
              <VerdictBanner />
            </>
          ) : null}
        </div>
        <div className="min-w-0 lg:sticky lg:top-[calc(var(--header)+11px)] lg:self-start">
          <DemoLive facts={facts} />
        </div>
      </div>
    </>
  );
}

type Place = 'done' | 'now' | 'later';
type StepProps = Readonly<{ step: DemoStep; number: number; place: Place; demo: ReturnType<typeof useDemo> }>;

function StepCard({ step, number, place, demo: { facts, busy, error, run } }: StepProps) {
  const disabled = useSession().operator !== true;
  const happened = step.happened(facts);
  const started = happened.text !== '';
  const tone = place === 'later' ? 'unknown' : happened.met === null ? 'info' : happened.met ? 'ok' : 'bad';
  return (
    <li className="card flex gap-3" data-place={place} data-step={step.id}>
      <span className={`grid size-7 shrink-0 place-items-center rounded-full font-semibold ${TONES[tone].soft}`}>
        {number}
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h2>{step.title}</h2>
          {happened.met === null ? null : (
            <Status tone={happened.met ? 'ok' : 'bad'} word={happened.met ? 'as expected' : 'not as expected'} />
          )}
        </div>
        {place === 'later' ? null : (
          <div className="text-muted">
            <Explained text={step.why} />
          </div>
        )}
        <dl className="grid gap-x-3 sm:grid-cols-[6rem_1fr]">
          {place === 'now' ? (
            <>
              <dt className="text-muted">Expected</dt>
              <dd>
                <Explained text={step.expect} />
              </dd>
            </>
          ) : null}
          {started ? (
            <>
              <dt className="text-muted">Happened</dt>
              <dd className="font-medium" role="status">
                {happened.text}
              </dd>
            </>
          ) : null}
        </dl>
        {place === 'now' && !started ? (
          <Button
            main
            busy={busy}
            className="mt-2"
            disabled={disabled}
            onClick={() => run(step.id)}
            text={busy ? <Spinner label="Working" /> : step.action}
          />
        ) : null}
        <Alert className="mt-2" error={place === 'now' ? error : null} />
      </div>
    </li>
  );
}
