import { Icon, type IconName } from './icons.tsx';

/** Classes, stroke and icon of each tone. Tailwind finds only class names that are written out. */
export const TONES = {
  ok: { text: 'text-ok', soft: 'bg-ok-soft text-ok', edge: 'border-l-ok', stroke: 'var(--ok)', icon: 'ok' },
  warn: {
    text: 'text-warn',
    soft: 'bg-warn-soft text-warn',
    edge: 'border-l-warn',
    stroke: 'var(--warn)',
    icon: 'warn',
  },
  bad: { text: 'text-bad', soft: 'bg-bad-soft text-bad', edge: 'border-l-bad', stroke: 'var(--bad)', icon: 'bad' },
  info: {
    text: 'text-info',
    soft: 'bg-info-soft text-info',
    edge: 'border-l-info',
    stroke: 'var(--info)',
    icon: 'wait',
  },
  unknown: {
    text: 'text-unknown',
    soft: 'bg-unknown-soft text-unknown',
    edge: 'border-l-unknown',
    stroke: 'var(--line-strong)',
    icon: 'unknown',
  },
} as const;
export type Tone = keyof typeof TONES;

/** How a state looks: its colour, its word, and its icon when that is not the tone's. */
export interface Look {
  readonly tone: Tone;
  readonly word: string;
  readonly icon?: IconName | undefined;
}

/** A status: icon, word and colour, so that none of the three is needed to understand it. */
export function Status({ tone, word, icon = TONES[tone].icon }: Look) {
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full py-px pr-2 pl-1.5 font-medium text-[0.92rem] ${TONES[tone].soft}`}
    >
      <Icon name={icon} size={13} />
      {word}
    </span>
  );
}
