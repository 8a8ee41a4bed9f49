'use client';

import { useFresh } from '../browser/hooks.ts';
import { TextLink } from '../ui/controls.tsx';
import { Note } from '../ui/parts.tsx';

/** Tells on other pages that a run of load is under way. */
export function RunningLoad() {
  if (!useFresh(({ load }) => load?.running)) return null;
  return (
    <Note icon="wait" tone="info">
      A run of load is under way. <TextLink href="/load" text="See its results" />
    </Note>
  );
}
