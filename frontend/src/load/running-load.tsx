'use client';

import { TextLink } from '../ui/controls.tsx';
import { Note } from '../ui/parts.tsx';
import { useLoad } from './use-load.ts';

/** Tells on other pages that a load run is under way. */
export function RunningLoad() {
  const { state } = useLoad();
  if (!state?.running) return null;
  return (
    <Note icon="wait" tone="info">
      A load run is under way. <TextLink href="/load" text="See its results" />
    </Note>
  );
}
