import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react';
import type { Action } from '../browser/use-task.ts';
import { useShown } from './show-whole.ts';

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> {
  readonly label: string;
  readonly set: (value: string) => void;
  /** The problem with the value, shown below it. */
  readonly wrong?: string | undefined;
  readonly width?: string;
}

export function TextField({ label, set, wrong, width = '', ...input }: TextFieldProps) {
  const id = useId();
  return (
    <label className={`block ${width}`}>
      <span className="label">{label}</span>
      <input
        aria-describedby={wrong ? id : undefined}
        aria-invalid={wrong !== undefined}
        className="field"
        onChange={(event) => set(event.target.value)}
        {...input}
      />
      {wrong ? (
        <span className="text-sm text-bad" id={id}>
          {wrong}
        </span>
      ) : null}
    </label>
  );
}

interface SelectFieldProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange'> {
  readonly label: string;
  readonly set: (value: string) => void;
  readonly options?: ReadonlyArray<readonly [value: string | number, name: ReactNode]>;
}

/** A choice from `options`, or from `children` if they are grouped. */
export function SelectField({ label, set, options = [], children, className = '', ...select }: SelectFieldProps) {
  return (
    <label className="block min-w-0">
      <span className="label">{label}</span>
      <select className={`field ${className}`} onChange={(event) => set(event.target.value)} {...select}>
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
        {children}
      </select>
    </label>
  );
}

interface DialProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: number;
  readonly text?: string;
  readonly max?: number;
  readonly step?: number;
  readonly min?: number;
  readonly set: (value: number) => void;
}

/** A slider; unless told otherwise, for a percentage. */
export function Dial({ label, hint, value, text = `${value} %`, min = 0, max = 100, step = 1, set }: DialProps) {
  const id = useId();
  return (
    <div>
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={id}>
          {label} {hint ? <span className="text-sm text-muted">{hint}</span> : null}
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

/** The outcome of an action, below its button. */
export function Outcome({ action: { error, done } }: { action: Action }) {
  const line = useShown<HTMLParagraphElement>(done);
  return (
    <>
      {done === null ? null : (
        <p className="scroll-my-2 text-ok" ref={line} role="status">
          {done}
        </p>
      )}
      <Alert error={error} />
    </>
  );
}

/** Why an action failed; nothing without an error. */
export function Alert({ error, className = '' }: { error: Error | null; className?: string }) {
  const line = useShown<HTMLParagraphElement>(error);
  if (error === null) return null;
  return (
    <p className={`scroll-my-2 whitespace-pre-wrap break-words text-bad ${className}`} ref={line} role="alert">
      {error.message}
    </p>
  );
}
