import { DEFAULT_FAULT_SECONDS } from '@valerix/contracts/plain';
import type { ReactNode } from 'react';
import { Button } from '../ui/controls.tsx';
import { Outcome, SelectField } from '../ui/forms.tsx';
import type { useArm } from './use-chaos.ts';

const CHOICES = [60, DEFAULT_FAULT_SECONDS, 900, 3600].map((seconds) => [seconds, `${seconds / 60} min`] as const);

interface Props {
  readonly arming: ReturnType<typeof useArm>;
  readonly values: object;
  readonly disabled: boolean;
  readonly text?: string;
  /** Further fields, before the expiry. */
  readonly children?: ReactNode;
}

/** The end of a fault's form: its expiry, the button that arms it, and the outcome. */
export function ArmControls({ arming, values, disabled, text = 'Arm', children }: Props) {
  const { action, arm } = arming;
  return (
    <>
      <div className="flex flex-wrap items-end gap-2">
        {children}
        <ExpirySelect arming={arming} />
        <Button
          main
          busy={action.busy}
          className="ml-auto"
          disabled={disabled}
          once
          onClick={() => arm(values)}
          text={text}
        />
      </div>
      <Outcome action={action} />
    </>
  );
}

export function ExpirySelect({ arming: { ttl, setTtl } }: Pick<Props, 'arming'>) {
  return (
    <SelectField
      className="w-auto"
      label="Ends by itself after"
      options={CHOICES}
      set={(seconds) => setTtl(Number(seconds))}
      value={ttl}
    />
  );
}
