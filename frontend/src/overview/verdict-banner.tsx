import { formatCount, formatSpan } from '../browser/format.ts';
import { useLive, useSilence } from '../browser/hooks.ts';
import { Icon } from '../ui/icons.tsx';
import { Figure } from '../ui/parts.tsx';
import { TONES } from '../ui/status.tsx';
import { verdictOf } from './verdict.ts';

const ICONS = { ok: 'shield', warn: 'warn', bad: 'warn', unknown: 'unknown' } as const;
const SHOWN = 5;

/** The audit's verdict: whether an order is lost, or stock is negative or deducted twice. */
export function VerdictBanner() {
  const { state } = useLive();
  const silence = useSilence().silence ?? 0;
  const reading = state?.integrity;
  const nowMs = (state?.at_ms ?? 0) + silence;
  const age = reading?.age_ms == null ? null : reading.age_ms + silence;
  const verdict = verdictOf(reading, age, nowMs, state?.queue?.dead_lettered ?? null);
  const { orders_checked, checked_at = null, lag_seconds: delay = null, violations = [] } = reading?.value ?? {};
  const { edge, soft } = TONES[verdict.tone];
  return (
    <section
      aria-label="Verdict"
      className={`card flex min-h-28 flex-wrap items-center gap-x-4 gap-y-2 border-l-4 ${edge}`}
      data-tone={verdict.tone}
    >
      <span className={`rounded-full p-2 ${soft}`}>
        <Icon name={ICONS[verdict.tone]} size={22} />
      </span>
      <div className="min-w-[14rem] flex-1" role="status">
        <h2 className="text-lg">{verdict.title}</h2>
        <p className="text-muted">{verdict.detail}</p>
      </div>
      {orders_checked === undefined ? null : (
        <dl className="flex flex-wrap gap-x-6 gap-y-1">
          <Figure below name="orders checked" value={formatCount(orders_checked)} />
          <Figure
            below
            name="checked"
            value={checked_at === null ? 'never' : `${formatSpan(nowMs - Date.parse(checked_at))} ago`}
          />
          {delay === null ? null : <Figure below name="audit delay" value={formatSpan(delay * 1000)} />}
        </dl>
      )}
      {violations.length > 1 ? (
        <ul className="w-full border-line border-t pt-2">
          {violations.slice(0, SHOWN).map(({ invariant, subject, detail }) => (
            <li key={`${invariant}${subject}`}>
              <strong>{invariant}</strong> {detail} <code className="text-muted">{subject}</code>
            </li>
          ))}
          {violations.length > SHOWN ? <li className="text-muted">and {violations.length - SHOWN} more</li> : null}
        </ul>
      ) : null}
    </section>
  );
}
