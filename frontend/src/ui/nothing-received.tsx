import type { ReactNode } from 'react';
import { formatSpan } from '../browser/format.ts';
import { useSilence, useSilent } from '../browser/hooks.ts';

/** Says why something is unknown: the dashboard server is silent, or else the given reason. */
export function NothingReceived({ children }: { children: ReactNode }) {
  return <p className="text-muted">{useSilent() ? <ForHowLong /> : children}</p>;
}

const ForHowLong = () => `Nothing received for ${formatSpan(useSilence().silence)}.`;
