import { CHAOS_PRESETS, type ChaosPreset } from '@valerix/contracts';
import { useState } from 'react';
import { formatMs } from '../browser/format.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Dial, Outcome } from '../ui/forms.tsx';
import { Expiry } from './expiry.tsx';
import { useArm, type Who } from './use-chaos.ts';

/** The three dials of the simple API: latency, crashes, partial failure. */
export function SimpleChaos({ who, disabled }: { who: Who; disabled: boolean }) {
  const { action, ttl, setTtl, arm } = useArm(who, '/api/admin/chaos');
  const [latency, setLatency] = useState(2000);
  const [crash, setCrash] = useState(0);
  const [partial, setPartial] = useState(20);
  const values = {
    latency: latency > 0,
    latency_ms: latency,
    crash_rate: crash / 100,
    partial_failure_rate: partial / 100,
  };
  const nothing = latency === 0 && crash === 0 && partial === 0;
  return (
    <Card className="space-y-3" label="Simple chaos" title="Three dials">
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
      <Dial
        hint="The process dies on a deduction."
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
        {formatMs(preset.latency_ms)} delay, {preset.crash_rate * 100} % crash, {preset.partial_failure_rate * 100} %
        partial
      </span>
    </>
  );
}
