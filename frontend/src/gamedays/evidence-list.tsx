import type { GamedayEvidence } from '@valerix/contracts';
import { formatCount } from '../browser/format.ts';
import { Icon } from '../ui/icons.tsx';

/** What a run must show, and how often it was seen: without it, a run proves nothing. `ended`: what is missing now stays missing. */
export function EvidenceList({ evidence, ended }: { evidence: readonly GamedayEvidence[]; ended: boolean }) {
  if (evidence.length === 0) return null;
  return (
    <section aria-label="Evidence">
      <h3 className="text-muted">Required evidence</h3>
      <ul>
        {evidence.map(({ what, at_least, seen, met }) => (
          <li className="flex flex-wrap items-baseline justify-end gap-x-2" data-met={met} key={`${what}${at_least}`}>
            <Icon
              className={`shrink-0 self-center ${met ? 'text-ok' : ended ? 'text-warn' : 'text-muted'}`}
              name={met ? 'ok' : ended ? 'warn' : 'wait'}
              size={13}
            />
            <span className="min-w-[11rem] flex-1">{what}</span>
            <span className="whitespace-nowrap">
              {seen === null ? 'counted at the end' : `${formatCount(seen)} seen, ${formatCount(at_least)} needed`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
