'use client';

import { CHAOS_PRESETS, type ChaosPreset, DEFAULT_FAULT_SECONDS } from '@valerix/contracts';
import { useId, useState } from 'react';
import { formatMs } from '../browser/format.ts';
import { onceOnly } from '../browser/once-only.ts';
import { armedWords, Outcome } from './outcome.tsx';
import { type Action, useAction, type Who } from './use-chaos.ts';

const PRESETS = Object.keys(CHAOS_PRESETS) as ChaosPreset[];
const TTLS = [60, DEFAULT_FAULT_SECONDS, 900, 3600];

/** The three dials of the simple API: latency, crashes, partial failure. */
export function SimpleChaos({ who, disabled }: { who: Who; disabled: boolean }) {
  const action = useAction();
  const [latency, setLatency] = useState(2000);
  const [crash, setCrash] = useState(0);
  const [partial, setPartial] = useState(20);
  const [ttl, setTtl] = useState<number>(DEFAULT_FAULT_SECONDS);
  const apply = (values: { latency: boolean; latency_ms: number; crash_rate: number; partial_failure_rate: number }) =>
    action.run(
      'POST',
      '/api/admin/chaos',
      { ...values, ttl_seconds: ttl, created_by: who.created_by, reason: who.why },
      armedWords(ttl),
    );
  const nothing = latency === 0 && crash === 0 && partial === 0;
  return (
    <section aria-label="Simple chaos" className="card space-y-3">
      <div>
        <h2>Three dials</h2>
        <p className="text-muted">For the warehouse's deductions. They replace what these dials set before.</p>
      </div>
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
        step={1}
        text={`${crash} %`}
        value={crash}
      />
      <Dial
        hint="Committed, then an error or a cut connection."
        label="Partial failure"
        max={100}
        set={setPartial}
        step={1}
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
    </section>
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

interface DialProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: number;
  readonly text: string;
  readonly max: number;
  readonly step: number;
  readonly min?: number;
  readonly set: (value: number) => void;
}

export function Dial({ label, hint, value, text, min = 0, max, step, set }: DialProps) {
  const id = useId();
  return (
    <div>
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={id}>
          {label} {hint ? <span className="text-[0.92rem] text-muted">{hint}</span> : null}
        </label>
        <output className="font-medium" htmlFor={id}>
          {text}
        </output>
      </div>
      <input
        aria-valuetext={text}
        id={id}
        max={max}
        min={min}
        onChange={(event) => set(Number(event.target.value))}
        step={step}
        type="range"
        value={value}
      />
    </div>
  );
}

export function Expiry({ value, set }: { value: number; set: (seconds: number) => void }) {
  return (
    <label className="block">
      <span className="label">Ends by itself after</span>
      <select className="field w-auto" onChange={(event) => set(Number(event.target.value))} value={value}>
        {TTLS.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds / 60} min
          </option>
        ))}
      </select>
    </label>
  );
}
