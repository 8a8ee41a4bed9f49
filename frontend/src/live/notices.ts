import type { LiveState } from './live-types.ts';
import { serviceWords } from './services.ts';

export interface Notice {
  readonly id: string;
  readonly tone: 'ok' | 'bad' | 'warn' | 'unknown';
  readonly text: string;
  readonly href: string;
}

/** What notices are about, at one moment. */
export interface Seen {
  readonly at: number;
  readonly violations: number;
  readonly deadLetters: number;
  /** The services behind an open breaker. */
  readonly open: readonly string[];
  /** The laboratory's newest run; `null` without one. */
  readonly gameday: LiveState['gameday'];
}

/** What a state shows; what it does not know stays as it was seen before. */
export function seenIn({ at_ms, integrity, queue, breakers, gameday }: LiveState, before: Seen | null): Seen {
  const open = breakers.filter(({ state }) => state === 'open').map(({ to }) => serviceWords(to));
  return {
    at: at_ms,
    violations: integrity.value?.violations.length ?? before?.violations ?? 0,
    deadLetters: queue?.dead_lettered ?? before?.deadLetters ?? 0,
    open: breakers.length === 0 ? (before?.open ?? []) : [...new Set(open)],
    gameday: gameday ?? before?.gameday ?? null,
  };
}

/** What has got worse between two moments. */
export function newNotices(before: Seen, now: Seen): Notice[] {
  const notice = (what: string, tone: Notice['tone'], text: string, href: string) => ({
    id: `${what}${now.at}`,
    tone,
    text,
    href,
  });
  const { gameday } = now;
  const isOver =
    before.gameday?.state === 'running' && gameday?.id === before.gameday.id && gameday.state !== 'running';
  const opened = now.open.filter((service) => !before.open.includes(service));
  return [
    ...(now.violations > before.violations ? [notice('violation', 'bad', 'The audit found a violation.', '/')] : []),
    ...(now.deadLetters > before.deadLetters
      ? [
          notice(
            'dead',
            'bad',
            'An order became a dead letter: it waits for an operator.',
            '/orders?status=dead-letters',
          ),
        ]
      : []),
    ...opened.map((service) => notice(`open ${service}`, 'warn', `The circuit breaker to the ${service} opened.`, '/')),
    ...(isOver
      ? [
          notice(
            'gameday',
            gameday.verdict === null ? 'unknown' : VERDICT_TONES[gameday.verdict],
            `The game day “${gameday.title}” ended: ${gameday.verdict ?? 'no verdict'}.`,
            `/gamedays/${gameday.id}`,
          ),
        ]
      : []),
  ];
}

const VERDICT_TONES = { PASS: 'ok', FAIL: 'bad', INCONCLUSIVE: 'warn' } as const;

/** What is told of orders that were accepted with 202 and failed afterwards; several at once are one notice. */
export function failedNotice([first, ...others]: readonly string[], at: number): Notice[] {
  if (first === undefined) return [];
  const href = others.length === 0 ? `/orders/${first}` : '/orders?status=failed';
  const text =
    others.length === 0
      ? 'An order that was accepted with 202 failed.'
      : `${others.length + 1} orders that were accepted with 202 failed.`;
  return [{ id: `failed${at}`, tone: 'warn', text, href }];
}

/** Adds notices. What is told again, such as a breaker that opens once more, takes the place of the earlier one. */
export const withNotices = (shown: readonly Notice[], more: readonly Notice[]): Notice[] => [
  ...shown.filter(({ text, href }) => !more.some((one) => one.text === text && one.href === href)),
  ...more,
];

/** A title without its mark. */
export const bareTitle = (title: string): string => title.replace(/^\([!·]\) /, '');

/** Before the title of a tab in the background, while something is wrong. */
export function titleMark({ violations, deadLetters, open }: Seen): string {
  if (violations > 0) return '(!) ';
  return deadLetters > 0 || open.length > 0 ? '(·) ' : '';
}
