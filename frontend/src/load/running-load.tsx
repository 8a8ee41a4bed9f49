'use client';

import { TextLink } from '../ui/controls.tsx';
import { Note } from '../ui/parts.tsx';
import { useLoad } from './use-load.ts';

/** Tells other pages that a run of load goes on. */
export function RunningLoad() {
  const { state } = useLoad();
  if (!state?.running) return null;
  return (
    <Note icon="wait" tone="info">
      A run of load goes on. <TextLink href="/load" text="See its results" />
    </Note>
  );
}
