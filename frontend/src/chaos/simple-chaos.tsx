'use client';

import { CHAOS_PRESETS, type ChaosPreset, DEFAULT_FAULT_SECONDS } from '@valerix/contracts';
import { useState } from 'react';
import { formatMs } from '../browser/format.ts';
import { onceOnly } from '../browser/once-only.ts';
import type { Action } from '../browser/use-task.ts';
import { Card } from '../ui/card.tsx';
import { Dial, Outcome } from '../ui/forms.tsx';
import { Expiry } from './expiry.tsx';
import { armedWords, useChaosAction, type Who } from './use-chaos.ts';

const PRESETS = Object.keys(CHAOS_PRESETS) as ChaosPreset[];

/** The three dials of the simple API: latency, crashes, partial failure. */
export function SimpleChaos({ who, disabled }: { who: Who; disabled: boolean }) {
  const action = useChaosAction();
  const [latency, setLatency] = useState(2000);
  const [crash, setCrash] = useState(0);
  const [partial, setPartial] = useState(20);
  const [ttl, setTtl] = useState<number>(DEFAULT_FAULT_SECONDS);
  const apply = (values: { latency: boolean; latency_ms: number; crash_rate: number; partial_failure_rate: number }) =>
    action.send(
      'POST',
      '/api/admin/chaos',
      { ...values, ttl_seconds: ttl, created_by: who.created_by, reason: who.why },
      armedWords(ttl),
    );
  const nothing = latency === 0 && crash === 0 && partial === 0;
  return (
    <Card className="space-y-3" label="Simple chaos" title="Three dials">
      <p className="text-muted">For deductions of stock. They replace what these dials set before.</p>
      <Presets action={action} apply={apply} disabled={disabled} />
      <Dial
        label="Delay"
        max={10_000}
        set={setLatency}
        step={250}
        text={latency === 0 ? 'off' : formatMs(latency)}
        value={latency}
      />
      <Dial
        hint="The process dies as it takes a deduction."
        label="Crash"
        max={100}
        set={setCrash}
        text={`${crash} %`}
        value={crash}
      />
      <Dial
        hint="Committed, then an error or a cut connection."
        label="Partial failure"
        max={100}
        set={setPartial}
        text={`${partial} %`}
        value={partial}
      />
      <div className="flex flex-wrap items-end gap-2">
        <Expiry set={setTtl} value={ttl} />
        <button
          className="button button-main"
          disabled={disabled || action.busy || nothing}
          onClick={onceOnly(
            () =>
              void apply({
                latency: latency > 0,
                latency_ms: latency,
                crash_rate: crash / 100,
                partial_failure_rate: partial / 100,
              }),
          )}
          type="button"
        >
          Apply
        </button>
      </div>
      <Outcome action={action} />
    </Card>
  );
}

type Apply = (values: (typeof CHAOS_PRESETS)[ChaosPreset]) => Promise<boolean>;

function Presets({ action, apply, disabled }: { action: Action; apply: Apply; disabled: boolean }) {
  return (
    <ul className="grid gap-2 sm:grid-cols-3">
      {PRESETS.map((name) => {
        const values = CHAOS_PRESETS[name];
        return (
          <li key={name}>
            <button
              className="button h-full w-full flex-col items-start py-2 text-left"
              disabled={disabled || action.busy}
              onClick={onceOnly(() => void apply(values))}
              style={{ whiteSpace: 'normal' }}
              type="button"
            >
              <span className="capitalize">{name}</span>
              <span className="font-normal text-[0.92rem] text-muted">
                {formatMs(values.latency_ms)} delay, {values.crash_rate * 100} % crash,{' '}
                {values.partial_failure_rate * 100} % partial
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
