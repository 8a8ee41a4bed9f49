'use client';

import { formatCount, formatSpan } from '../browser/format.ts';
import { useLive, useSilence } from '../browser/hooks.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { TONE_EDGE, TONE_SOFT } from '../ui/status.tsx';
import { verdictOf } from './verdict.ts';

const ICONS: Record<'ok' | 'bad' | 'unknown', IconName> = { ok: 'shield', bad: 'warn', unknown: 'unknown' };

/** The first thing on the page: is anything lost, doubled or negative? */
export function VerdictBanner() {
  const { state } = useLive();
  const silence = useSilence() ?? 0;
  const reading = state?.integrity;
  const nowMs = (state?.at_ms ?? 0) + silence;
  const verdict = verdictOf(reading, reading?.age_ms == null ? null : reading.age_ms + silence, nowMs);
  const integrity = reading?.value ?? null;
  return (
    <section
      aria-label="Verdict"
      className={`card flex flex-wrap items-center gap-x-4 gap-y-2 border-l-4 ${TONE_EDGE[verdict.tone]}`}
      data-tone={verdict.tone}
    >
      <span className={`rounded-full p-2 ${TONE_SOFT[verdict.tone]}`}>
        <Icon name={ICONS[verdict.tone]} size={22} />
      </span>
      <div className="min-w-[14rem] flex-1" role="status">
        <h2 className="text-[1.12rem]">{verdict.title}</h2>
        <p className="text-muted">{verdict.detail}</p>
      </div>
      {integrity === null ? null : (
        <dl className="flex flex-wrap gap-x-6 gap-y-1">
          <Figure name="orders checked" value={formatCount(integrity.orders_checked)} />
          <Figure
            name="checked"
            value={
              integrity.checked_at === null ? 'never' : `${formatSpan(nowMs - Date.parse(integrity.checked_at))} ago`
            }
          />
          {integrity.lag_seconds === null ? null : (
            <Figure name="behind by" value={formatSpan(integrity.lag_seconds * 1000)} />
          )}
        </dl>
      )}
      {integrity !== null && integrity.violations.length > 1 ? <Violations items={integrity.violations} /> : null}
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex flex-col-reverse">
      <dt className="text-[0.92rem] text-muted">{name}</dt>
      <dd className="font-medium">{value}</dd>
    </div>
  );
}

function Violations({ items }: { items: ReadonlyArray<{ invariant: string; subject: string; detail: string }> }) {
  return (
    <ul className="w-full border-line border-t pt-2">
      {items.slice(0, 5).map((one) => (
        <li key={`${one.invariant}${one.subject}`}>
          <strong>{one.invariant}</strong> {one.detail} <code className="text-muted">{one.subject}</code>
        </li>
      ))}
      {items.length > 5 ? <li className="text-muted">and {items.length - 5} more</li> : null}
    </ul>
  );
}
