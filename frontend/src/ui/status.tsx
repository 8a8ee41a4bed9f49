import { Icon, type IconName } from './icons.tsx';

/** Classes and icon of each tone; its colour is the custom property of its name. Tailwind finds only whole class names. */
export const TONES = {
  ok: { soft: 'bg-ok-soft text-ok', edge: 'border-l-ok', icon: 'ok' },
  warn: { soft: 'bg-warn-soft text-warn', edge: 'border-l-warn', icon: 'warn' },
  bad: { soft: 'bg-bad-soft text-bad', edge: 'border-l-bad', icon: 'bad' },
  info: { soft: 'bg-info-soft text-info', edge: 'border-l-info', icon: 'wait' },
  unknown: { soft: 'bg-unknown-soft text-unknown', edge: 'border-l-unknown', icon: 'unknown' },
} as const;
export type Tone = keyof typeof TONES;

/** The colour of a tone's lines. */
export const strokeOf = (tone: Tone): string => (tone === 'unknown' ? 'var(--line-strong)' : `var(--${tone})`);

/** The look of a state: its colour, its word, and its icon if that is not the tone's. */
export interface Look {
  readonly tone: Tone;
  readonly word: string;
  readonly icon?: IconName | undefined;
}

export const UNKNOWN = { tone: 'unknown', word: 'unknown' } as const satisfies Look;

/** A status as icon, word and colour: each of the three is enough to understand it. What is as it should be has no colour. */
export function Status({ tone, word, icon = TONES[tone].icon, wordClass }: Look & { readonly wordClass?: string }) {
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full py-px pr-2 pl-1.5 font-medium text-sm ${tone === 'ok' ? 'bg-raised text-muted' : TONES[tone].soft}`}
    >
      <Icon name={icon} size={13} />
      <span className={wordClass}>{word}</span>
    </span>
  );
}
