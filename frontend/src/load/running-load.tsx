'use client';

import Link from 'next/link';
import { Note } from '../ui/parts.tsx';
import { useLoad } from './use-load.ts';

/** Elsewhere than on its page: says that a run of load goes on. */
export function RunningLoad() {
  const { state } = useLoad();
  if (!state?.running) return null;
  return (
    <Note icon="wait" tone="info">
      A run of load goes on.{' '}
      <Link className="link" href="/load">
        See its results
      </Link>
    </Note>
  );
}
