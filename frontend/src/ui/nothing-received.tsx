'use client';

import type { ReactNode } from 'react';
import { formatSpan } from '../browser/format.ts';
import { STALE_AFTER_MS, useSilence } from '../browser/hooks.ts';

/** Says why something is unknown: nothing comes any more, or, while the dashboard server is heard, what is given. */
export function NothingReceived({ children }: { children: ReactNode }) {
  const silence = useSilence();
  const silent = silence !== null && silence > STALE_AFTER_MS;
  return <p className="text-muted">{silent ? `Nothing received for ${formatSpan(silence)}.` : children}</p>;
}
