import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react';

interface Props<Name extends string> {
  readonly label: string;
  readonly names: readonly Name[];
  readonly children: (name: Name) => ReactNode;
}

/** Panels of which one is shown. The arrow keys change it. The others keep nothing: they are made again. */
export function Tabs<Name extends string>({ label, names, children }: Props<Name>) {
  const [chosen, setChosen] = useState(names[0] as Name);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const onKey = ({ key }: KeyboardEvent) => {
    const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const at = (names.indexOf(chosen) + step + names.length) % names.length;
    setChosen(names[at] as Name);
    list.current?.querySelectorAll('button')[at]?.focus();
  };
  return (
    <div className="min-w-0">
      <div
        aria-label={label}
        className="mb-2 flex gap-1 border-line border-b"
        onKeyDown={onKey}
        ref={list}
        role="tablist"
      >
        {names.map((name) => (
          <button
            aria-controls={`${id}panel`}
            aria-selected={name === chosen}
            className={`-mb-px border-b-2 px-2.5 py-1.5 ${name === chosen ? 'border-accent font-medium' : 'border-transparent text-muted hover:text-text'}`}
            id={`${id}${name}`}
            key={name}
            onClick={() => setChosen(name)}
            role="tab"
            tabIndex={name === chosen ? 0 : -1}
            type="button"
          >
            {name}
          </button>
        ))}
      </div>
      <div aria-labelledby={`${id}${chosen}`} className="space-y-3" id={`${id}panel`} role="tabpanel">
        {children(chosen)}
      </div>
    </div>
  );
}
