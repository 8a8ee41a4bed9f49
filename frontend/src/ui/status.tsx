import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'unknown';

const ICONS: Record<Tone, IconName> = { ok: 'ok', warn: 'warn', bad: 'bad', info: 'wait', unknown: 'unknown' };
export const TONE_TEXT: Record<Tone, string> = {
  ok: 'text-ok',
  warn: 'text-warn',
  bad: 'text-bad',
  info: 'text-info',
  unknown: 'text-unknown',
};
export const TONE_SOFT: Record<Tone, string> = {
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
  unknown: 'bg-unknown-soft text-unknown',
};
export const TONE_EDGE: Record<Tone, string> = {
  ok: 'border-l-ok',
  warn: 'border-l-warn',
  bad: 'border-l-bad',
  info: 'border-l-info',
  unknown: 'border-l-unknown',
};

/** A status: icon, word and colour, so that none of the three is needed to understand it. */
export function Status({ tone, children, icon }: { tone: Tone; children: ReactNode; icon?: IconName | undefined }) {
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full py-px pr-2 pl-1.5 font-medium text-[0.92rem] ${TONE_SOFT[tone]}`}
    >
      <Icon name={icon ?? ICONS[tone]} size={13} />
      {children}
    </span>
  );
}
