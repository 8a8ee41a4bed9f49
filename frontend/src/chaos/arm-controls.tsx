import { DEFAULT_FAULT_SECONDS } from '@valerix/contracts';
import { SelectField } from '../ui/forms.tsx';

const CHOICES = [60, DEFAULT_FAULT_SECONDS, 900, 3600].map((seconds) => [seconds, `${seconds / 60} min`] as const);

/** The seconds after which a fault ends. */
export function Expiry({ value, set }: { value: number; set: (seconds: number) => void }) {
  return (
    <SelectField
      className="w-auto"
      label="Ends by itself after"
      options={CHOICES}
      set={(seconds) => set(Number(seconds))}
      value={value}
    />
  );
}
