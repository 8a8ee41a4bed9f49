import type { HTMLAttributes, ReactNode } from 'react';
import { TONES, type Tone } from './status.tsx';

interface CardProps {
  readonly title: ReactNode;
  /** The region's accessible name; by default the title, if that is plain text. */
  readonly label?: string;
  /** Shown at the end of the title's line: a status, a link, a button. */
  readonly aside?: ReactNode;
  /** The colour of the left edge; grey for what is as it should be. */
  readonly edge?: Tone;
  readonly className?: string;
  /** Listens to the pointer and the focus anywhere in the card. */
  readonly area?: HTMLAttributes<HTMLElement>;
  readonly children?: ReactNode;
  readonly [data: `data-${string}`]: string | number | boolean | null | undefined;
}

export function Card({ title, label, aside, edge, className = '', area, children, ...data }: CardProps) {
  return (
    <section
      aria-label={label ?? (typeof title === 'string' ? title : undefined)}
      className={`card ${edge ? `border-l-4 ${edge === 'ok' ? '' : TONES[edge].edge}` : ''} ${className}`}
      {...data}
      {...area}
    >
      <div className="mb-1.5 flex flex-wrap items-start justify-between gap-2">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
