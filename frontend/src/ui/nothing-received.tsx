import type { ReactNode } from 'react';
import { formatSpan } from '../browser/format.ts';
import { useSilence } from '../browser/hooks.ts';

/** Says why something is unknown: the dashboard server is silent, or else the given reason. */
export function NothingReceived({ children }: { children: ReactNode }) {
  const { silence, silent } = useSilence();
  return <p className="text-muted">{silent ? `Nothing received for ${formatSpan(silence)}.` : children}</p>;
}
