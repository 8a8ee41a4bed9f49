import type { ArmFaultBody, Failpoint, FaultType } from '@valerix/contracts';
import { MAX_FAULT_HITS } from '@valerix/contracts/plain';
import { useEffect, useId, useRef, useState } from 'react';
import { formatCount } from '../browser/format.ts';
import { useStock } from '../catalogue/use-stock.ts';
import { Card } from '../ui/card.tsx';
import { Dial, SelectField, TextField } from '../ui/forms.tsx';
import { showWhole } from '../ui/show-whole.ts';
import { ArmControls } from './arm-controls.tsx';
import { BlastRadius } from './blast-radius.tsx';
import { faultSentence } from './fault-sentence.ts';
import { hasItems, type RecipeFault } from './recipes.ts';
import { useArm, type Who } from './use-chaos.ts';

interface Props {
  readonly who: Who;
  readonly disabled: boolean;
  readonly failpoints: readonly Failpoint[];
  /** A fault from the list, to be changed here; `null` for none. */
  readonly given: RecipeFault | null;
}

/** The one place where a fault is made: any fault at any failpoint, as a sentence, with its blast radius. */
export function FaultEditor({ who, disabled, failpoints, given }: Props) {
  const arming = useArm(who);
  const [made, setMade] = useState<RecipeFault | null>(null);
  const [hits, setHits] = useState('');
  const limitError = useId();
  const heading = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (given === null) return;
    setMade(given);
    setHits('');
    heading.current?.focus();
    if (heading.current) showWhole(heading.current);
  }, [given]);
  const draft = made ?? firstFault(failpoints);
  const point = failpoints.find((one) => one.service === draft?.service && one.point === draft.point);
  if (draft === null || point === undefined) return null;
  const change = (more: Partial<RecipeFault>) => setMade({ ...draft, ...more });
  const limit = hits.trim() === '' ? undefined : Number(hits);
  const wrongLimit = limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= MAX_FAULT_HITS);
  const invalid = wrongLimit ? { 'aria-describedby': limitError, 'aria-invalid': true } : {};
  const fault = { ...draft, ...(limit === undefined || wrongLimit ? {} : { max_hits: limit }) };
  const ms = msOf(draft.params);
  return (
    <Card
      className="space-y-3"
      label="Fault editor"
      title={
        <span className="outline-none" ref={heading} tabIndex={-1}>
          Make a fault
        </span>
      }
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField
          label="Where"
          set={(index) => setMade(faultAt(failpoints[Number(index)] ?? point))}
          value={failpoints.indexOf(point)}
        >
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
        <SelectField
          label="What happens there"
          options={point.types.map((one) => [one, one] as const)}
          set={(type) => change({ type: type as FaultType, params: paramsOf(type as FaultType, point.point) })}
          value={draft.type}
        />
      </div>
      <p className="text-muted">{point.description}</p>
      {draft.every_nth === undefined ? (
        <Dial label="Share" min={1} set={(percentage) => change({ percentage })} value={draft.percentage} />
      ) : null}
      {ms === null ? null : (
        <Dial
          label="How long"
          max={10_000}
          min={50}
          set={(value) => change({ params: { ...paramsOf(draft.type, point.point), ...lasting(draft.type, value) } })}
          step={50}
          text={`${ms} ms`}
          value={ms}
        />
      )}
      <div className="rounded-lg bg-raised p-2">
        <p className="font-medium">{faultSentence(fault)}</p>
        <BlastRadius fault={fault} />
      </div>
      <ArmControls arming={arming} disabled={disabled || wrongLimit} values={fault}>
        {hasItems(draft) ? <ItemSelect fault={draft} set={(match) => change({ match })} /> : null}
        <TextField
          {...invalid}
          inputMode="numeric"
          label="Fire at most"
          placeholder="no limit"
          set={setHits}
          value={hits}
          width="w-28"
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

type ItemProps = Readonly<{ fault: RecipeFault; set: (match: RecipeFault['match']) => void }>;

function ItemSelect({ fault: { match }, set }: ItemProps) {
  const items = useStock().items.map(({ item_id }) => [item_id, item_id] as const);
  const { item_id = '', ...others } = match;
  return (
    <SelectField
      className="w-auto max-w-[9rem]"
      label="Only orders with"
      options={[['', 'any item'], ...items]}
      set={(item) => set(item === '' ? others : { ...others, item_id: item })}
      value={item_id}
    />
  );
}

const firstFault = ([first]: readonly Failpoint[]): RecipeFault | null => (first ? faultAt(first) : null);

function faultAt({ service, point, types: [type = 'latency'] }: Failpoint): RecipeFault {
  return { service, point, type, percentage: 100, match: {}, params: paramsOf(type, point) };
}

const msOf = ({ latency_ms, hang_ms }: ArmFaultBody['params']): number | null => latency_ms ?? hang_ms ?? null;

const lasting = (type: FaultType, ms: number): ArmFaultBody['params'] =>
  type === 'hang' ? { hang_ms: ms } : { latency_ms: ms };

function paramsOf(type: FaultType, point: string): ArmFaultBody['params'] {
  const dependency = point === 'dependency.redis' ? ('redis' as const) : ('postgres' as const);
  if (type === 'latency' || type === 'hang') return lasting(type, 1_000);
  if (type === 'error') return { status: 500 };
  if (type === 'dependency-slow') return { dependency, latency_ms: 1_000 };
  return type === 'dependency-refuse' ? { dependency } : {};
}
