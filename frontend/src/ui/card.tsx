import type { ReactNode } from 'react';
import { TONE_EDGE, type Tone } from './status.tsx';

interface CardProps {
  readonly title: ReactNode;
  /** Its name as a region; the title when that is plain text. */
  readonly label?: string;
  /** What stands at the end of the title's line: a status, a link, a button. */
  readonly aside?: ReactNode;
  /** Gives it a coloured edge. */
  readonly edge?: Tone;
  readonly className?: string;
  readonly children?: ReactNode;
  readonly [data: `data-${string}`]: string | number | boolean | null | undefined;
}

/** A region of a page with its title. */
export function Card({ title, label, aside, edge, className = '', children, ...data }: CardProps) {
  return (
    <section
      aria-label={label ?? (typeof title === 'string' ? title : undefined)}
      className={`card ${edge ? `border-l-4 ${TONE_EDGE[edge]}` : ''} ${className}`}
      {...data}
    >
      <div className="mb-1.5 flex flex-wrap items-start justify-between gap-2">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
