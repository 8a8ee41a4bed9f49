import { Button } from './controls.tsx';
import { Empty } from './parts.tsx';

type SearchBoxProps = Readonly<{
  label: string;
  placeholder?: string;
  value: string;
  set: (value: string) => void;
  maxLength?: number;
  className?: string;
}>;

/** The search of a page, which the key "/" goes to. */
export function SearchBox({ label, placeholder = label, set, className = '', ...rest }: SearchBoxProps) {
  return (
    <input
      {...rest}
      aria-label={label}
      className={`field ${className}`}
      data-search
      onChange={(event) => set(event.target.value)}
      placeholder={placeholder}
      type="search"
    />
  );
}

/** The search field of this page, if it has one. */
export const searchField = (): HTMLInputElement | null => document.querySelector('[data-search]');

type NothingFoundProps = Readonly<{ is: boolean; text: string; clear: () => void }>;

/** Says that a search has found nothing, and clears it. Rendered while there are results too: a status is announced when it changes. */
export function NothingFound({ is, text, clear }: NothingFoundProps) {
  const begin = () => {
    clear();
    searchField()?.focus();
  };
  return (
    <div role="status">
      {is ? (
        <Empty>
          {text} <Button onClick={begin} small text="Clear the search" />
        </Empty>
      ) : null}
    </div>
  );
}
