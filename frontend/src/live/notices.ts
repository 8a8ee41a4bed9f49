import type { LiveState } from './live-types.ts';
import { serviceWords } from './services.ts';

export interface Notice {
  readonly id: string;
  readonly tone: 'bad' | 'warn';
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
}

/** What a state shows; what it does not know stays as it was seen before. */
export function seenIn({ at_ms, integrity, queue, breakers }: LiveState, before: Seen | null): Seen {
  const open = breakers.filter(({ state }) => state === 'open').map(({ to }) => serviceWords(to));
  return {
    at: at_ms,
    violations: integrity.value?.violations.length ?? before?.violations ?? 0,
    deadLetters: queue?.dead_lettered ?? before?.deadLetters ?? 0,
    open: breakers.length === 0 ? (before?.open ?? []) : [...new Set(open)],
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
  ];
}

/** Before the title of a tab in the background, while something is wrong. */
export function titleMark({ violations, deadLetters, open }: Seen): string {
  if (violations > 0) return '(!) ';
  return deadLetters > 0 || open.length > 0 ? '(·) ' : '';
}
