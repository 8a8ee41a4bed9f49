import { CHAOS_PRESETS, type ChaosPreset } from '@valerix/contracts/plain';
import { useState } from 'react';
import { formatMs } from '../browser/format.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Dial } from '../ui/forms.tsx';
import { ArmControls } from './arm-controls.tsx';
import { useArm, type Who } from './use-chaos.ts';

/** The dials that set a share of the deductions: label and hint. */
const RATES = {
  crash_rate: ['Errors', 'The deduction gets an error 500.'],
  partial_failure_rate: ['Partial failure', 'Committed, then an error or a cut connection.'],
  kill_rate: ['Kill', 'The process dies on a deduction, at most once in 15 seconds.'],
} as const;
type Rate = keyof typeof RATES;

/** The dials of the simple API. */
export function SimpleChaos({ who, disabled }: { who: Who; disabled: boolean }) {
  const arming = useArm(who, '/api/admin/chaos');
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
      <p className="text-muted">They act on deductions of stock, and replace the faults that the dials set before.</p>
      <ul className="grid gap-2 sm:grid-cols-3">
        {Object.entries(CHAOS_PRESETS).map(([name, preset]) => (
          <li key={name}>
            <Button
              busy={arming.action.busy}
              className="h-full w-full flex-col items-start py-2 text-left"
              disabled={disabled}
              onClick={() => arming.arm(preset)}
              once
              style={{ whiteSpace: 'normal' }}
              text={
                <>
                  <span className="capitalize">{name}</span>
                  <span className="font-normal text-sm text-muted">{presetWords(preset)}</span>
                </>
              }
            />
          </li>
        ))}
      </ul>
      <details>
        <summary className="text-muted">Set the dials yourself</summary>
        <div className="mt-2 space-y-3">
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
              set={(set) => setPercent({ ...percent, [name]: set })}
              value={value}
            />
          ))}
        </div>
      </details>
      <ArmControls arming={arming} disabled={disabled || nothing} text="Apply the dials" values={values} />
    </Card>
  );
}

const presetWords = ({ latency_ms, crash_rate, partial_failure_rate }: (typeof CHAOS_PRESETS)[ChaosPreset]): string =>
  `${formatMs(latency_ms)} delay, ${crash_rate * 100} % errors, ${partial_failure_rate * 100} % partial failure`;
