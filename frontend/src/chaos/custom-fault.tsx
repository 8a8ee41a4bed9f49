'use client';

import {
  type ArmFaultBody,
  DEFAULT_FAULT_SECONDS,
  type Failpoint,
  type FaultType,
  MAX_FAULT_HITS,
  type ServiceName,
} from '@valerix/contracts';
import { useId, useState } from 'react';
import { formatCount } from '../browser/format.ts';
import { onceOnly } from '../browser/once-only.ts';
import { faultSentence } from './fault-sentence.ts';
import { armedWords, Outcome } from './outcome.tsx';
import { Dial, Expiry } from './simple-chaos.tsx';
import { useAction, useFailpoints, type Who } from './use-chaos.ts';

const MS_TYPES: readonly FaultType[] = ['latency', 'hang', 'dependency-slow'];

/** Any fault at any failpoint the services have, said as a sentence before it is armed. */
export function CustomFault({ who, disabled }: { who: Who; disabled: boolean }) {
  const failpoints = useFailpoints().data?.items ?? [];
  const [at, setAt] = useState(0);
  const [chosen, setChosen] = useState<FaultType | null>(null);
  const [percentage, setPercentage] = useState(100);
  const [ms, setMs] = useState(1000);
  const [hits, setHits] = useState('');
  const [ttl, setTtl] = useState<number>(DEFAULT_FAULT_SECONDS);
  const limitError = useId();
  const action = useAction();
  const point = failpoints[at];
  if (point === undefined) return null;
  const type = chosen !== null && point.types.includes(chosen) ? chosen : (point.types[0] ?? 'latency');
  const limit = hits.trim() === '' ? undefined : Number(hits);
  const wrongLimit = limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= MAX_FAULT_HITS);
  const fault = {
    service: point.service,
    point: point.point,
    type,
    percentage,
    params: paramsOf(type, point.point, ms),
    match: {},
    ...(limit === undefined || wrongLimit ? {} : { max_hits: limit }),
  };
  const arm = () => {
    const body: ArmFaultBody = { ...fault, ttl_seconds: ttl, created_by: who.created_by, reason: who.why };
    return action.run('POST', '/api/admin/chaos/faults', body, armedWords(ttl));
  };
  return (
    <section aria-label="Any other fault" className="card space-y-3">
      <h2>Any other fault</h2>
      <div className="grid gap-3 sm:grid-cols-2">
        <PointChoice failpoints={failpoints} set={setAt} value={at} />
        <label className="block">
          <span className="label">What happens there</span>
          <select className="field" onChange={(event) => setChosen(event.target.value as FaultType)} value={type}>
            {point.types.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="text-muted">{point.description}</p>
      <Dial label="Share" max={100} min={1} set={setPercentage} step={1} text={`${percentage} %`} value={percentage} />
      {MS_TYPES.includes(type) ? (
        <Dial label="How long" max={10_000} min={50} set={setMs} step={50} text={`${ms} ms`} value={ms} />
      ) : null}
      <p className="font-medium">{faultSentence(fault)}</p>
      <div className="flex flex-wrap items-end gap-2">
        <label className="block w-32">
          <span className="label">At most, times</span>
          <input
            aria-describedby={wrongLimit ? limitError : undefined}
            aria-invalid={wrongLimit}
            className="field"
            inputMode="numeric"
            onChange={(event) => setHits(event.target.value)}
            placeholder="no limit"
            value={hits}
          />
        </label>
        <Expiry set={setTtl} value={ttl} />
        <button
          className="button button-main ml-auto"
          disabled={disabled || action.busy || wrongLimit}
          onClick={onceOnly(() => void arm())}
          type="button"
        >
          Arm
        </button>
      </div>
      {wrongLimit ? (
        <p className="text-bad" id={limitError}>
          “At most, times” must be a whole number from 1 to {formatCount(MAX_FAULT_HITS)}, or empty for no limit.
        </p>
      ) : null}
      <Outcome action={action} />
    </section>
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

const SERVICES: readonly ServiceName[] = ['order-service', 'inventory-service'];

interface ChoiceProps {
  readonly failpoints: readonly Failpoint[];
  readonly value: number;
  readonly set: (index: number) => void;
}

function PointChoice({ failpoints, value, set }: ChoiceProps) {
  return (
    <label className="block">
      <span className="label">Where</span>
      <select className="field" onChange={(event) => set(Number(event.target.value))} value={value}>
        {SERVICES.map((service) => (
          <optgroup key={service} label={service}>
            {failpoints.map((one, index) =>
              one.service === service ? (
                <option key={`${one.service}${one.point}`} value={index}>
                  {one.point}
                </option>
              ) : null,
            )}
          </optgroup>
        ))}
      </select>
    </label>
  );
}
