import type { ArmFaultBody, FaultType } from '@valerix/contracts';
import { MAX_FAULT_HITS } from '@valerix/contracts/plain';
import { useId, useState } from 'react';
import { formatCount } from '../browser/format.ts';
import { Card } from '../ui/card.tsx';
import { Dial, SelectField, TextField } from '../ui/forms.tsx';
import { ArmControls } from './arm-controls.tsx';
import { BlastRadius } from './blast-radius.tsx';
import { faultSentence } from './fault-sentence.ts';
import { useArm, useFailpoints, type Who } from './use-chaos.ts';

const MS_TYPES: readonly FaultType[] = ['latency', 'hang', 'dependency-slow'];

/** Any fault at any failpoint, shown as a sentence before it is armed. */
export function CustomFault({ who, disabled }: { who: Who; disabled: boolean }) {
  const failpoints = useFailpoints().data?.items ?? [];
  const [at, setAt] = useState(0);
  const [chosen, setChosen] = useState<string | null>(null);
  const [percentage, setPercentage] = useState(100);
  const [ms, setMs] = useState(1000);
  const [hits, setHits] = useState('');
  const limitError = useId();
  const arming = useArm(who);
  const point = failpoints[at];
  if (point === undefined) return null;
  const type = point.types.find((one) => one === chosen) ?? point.types[0] ?? 'latency';
  const types = point.types.map((one) => [one, one] as const);
  const limit = hits.trim() === '' ? undefined : Number(hits);
  const wrongLimit = limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= MAX_FAULT_HITS);
  const invalid = wrongLimit ? { 'aria-describedby': limitError, 'aria-invalid': true } : {};
  const fault = {
    service: point.service,
    point: point.point,
    type,
    percentage,
    params: paramsOf(type, point.point, ms),
    match: {},
    ...(limit === undefined || wrongLimit ? {} : { max_hits: limit }),
  };
  return (
    <Card className="space-y-3" title="Any other fault">
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField label="Where" set={(index) => setAt(Number(index))} value={at}>
          {Object.entries(Object.groupBy(failpoints, (one) => one.service)).map(([service, points]) => (
            <optgroup key={service} label={service}>
              {points?.map((one) => (
                <option key={one.point} value={failpoints.indexOf(one)}>
                  {one.point}
                </option>
              ))}
            </optgroup>
          ))}
        </SelectField>
        <SelectField label="What happens there" options={types} set={setChosen} value={type} />
      </div>
      <p className="text-muted">{point.description}</p>
      <Dial label="Share" min={1} set={setPercentage} value={percentage} />
      {MS_TYPES.includes(type) ? (
        <Dial label="How long" max={10_000} min={50} set={setMs} step={50} text={`${ms} ms`} value={ms} />
      ) : null}
      <div>
        <p className="font-medium">{faultSentence(fault)}</p>
        <BlastRadius fault={fault} />
      </div>
      <ArmControls arming={arming} disabled={disabled || wrongLimit} values={fault}>
        <TextField
          {...invalid}
          inputMode="numeric"
          label="Fire at most"
          placeholder="no limit"
          set={setHits}
          value={hits}
          width="w-32"
        />
      </ArmControls>
      {wrongLimit ? (
        <p className="text-bad" id={limitError}>
          “Fire at most” must be a whole number from 1 to {formatCount(MAX_FAULT_HITS)}, or empty for no limit.
        </p>
      ) : null}
    </Card>
  );
}

function paramsOf(type: FaultType, point: string, ms: number): ArmFaultBody['params'] {
  const dependency = point === 'dependency.redis' ? ('redis' as const) : ('postgres' as const);
  if (type === 'latency') return { latency_ms: ms };
  if (type === 'hang') return { hang_ms: ms };
  if (type === 'error') return { status: 500 };
  if (type === 'dependency-slow') return { dependency, latency_ms: ms };
  return type === 'dependency-refuse' ? { dependency } : {};
}
