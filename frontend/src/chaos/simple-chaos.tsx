import { CHAOS_PRESETS, type ChaosPreset } from '@valerix/contracts';
import { useState } from 'react';
import { formatMs } from '../browser/format.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Dial, Outcome } from '../ui/forms.tsx';
import { Expiry } from './expiry.tsx';
import { useArm, type Who } from './use-chaos.ts';

/** The dials that are a share of the deductions: label and hint. */
const RATES = {
  crash_rate: ['Errors', 'The deduction gets an error 500.'],
  partial_failure_rate: ['Partial failure', 'Committed, then an error or a cut connection.'],
  kill_rate: ['Kill', 'The process dies on a deduction, at most once in 15 seconds.'],
} as const;
type Rate = keyof typeof RATES;

/** The dials of the simple API. */
export function SimpleChaos({ who, disabled }: { who: Who; disabled: boolean }) {
  const { action, ttl, setTtl, arm } = useArm(who, '/api/admin/chaos');
  const [latency, setLatency] = useState(2000);
  const [percent, setPercent] = useState<Record<Rate, number>>({
    crash_rate: 0,
    partial_failure_rate: 20,
    kill_rate: 0,
  });
  const rates = Object.entries(percent) as [Rate, number][];
  const values = {
    latency: latency > 0,
    latency_ms: latency,
    ...Object.fromEntries(rates.map(([name, value]) => [name, value / 100])),
  };
  const nothing = latency === 0 && rates.every(([, value]) => value === 0);
  return (
    <Card className="space-y-3" label="Simple chaos" title="Four dials">
      <p className="text-muted">For deductions of stock. They replace the dials' earlier faults.</p>
      <ul className="grid gap-2 sm:grid-cols-3">
        {Object.entries(CHAOS_PRESETS).map(([name, preset]) => (
          <li key={name}>
            <Button
              className="h-full w-full flex-col items-start py-2 text-left"
              disabled={disabled || action.busy}
              onClick={() => arm(preset)}
              once
              style={{ whiteSpace: 'normal' }}
              text={<PresetWords name={name} preset={preset} />}
            />
          </li>
        ))}
      </ul>
      <Dial
        label="Delay"
        max={10_000}
        set={setLatency}
        step={250}
        text={latency === 0 ? 'off' : formatMs(latency)}
        value={latency}
      />
      {rates.map(([name, value]) => (
        <Dial
          hint={RATES[name][1]}
          key={name}
          label={RATES[name][0]}
          max={100}
          set={(set) => setPercent({ ...percent, [name]: set })}
          text={`${value} %`}
          value={value}
        />
      ))}
      <div className="flex flex-wrap items-end gap-2">
        <Expiry set={setTtl} value={ttl} />
        <Button main disabled={disabled || action.busy || nothing} once onClick={() => arm(values)} text="Apply" />
      </div>
      <Outcome action={action} />
    </Card>
  );
}

type PresetProps = Readonly<{ name: string; preset: (typeof CHAOS_PRESETS)[ChaosPreset] }>;

function PresetWords({ name, preset }: PresetProps) {
  return (
    <>
      <span className="capitalize">{name}</span>
      <span className="font-normal text-[0.92rem] text-muted">
        {formatMs(preset.latency_ms)} delay, {preset.crash_rate * 100} % errors, {preset.partial_failure_rate * 100} %
        partial
      </span>
    </>
  );
}
