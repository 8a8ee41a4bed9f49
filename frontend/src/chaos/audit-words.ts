import type { Fault, SimpleChaosBody } from '@valerix/contracts';
import { formatMs, formatShare, plural } from '../browser/format.ts';
import type { WholeAudit } from '../live/whole-audit.ts';
import { faultSentence } from './fault-sentence.ts';

export type Entry = WholeAudit['items'][number];

/** What the services write about a change; an older or newer one may write something else. */
interface What {
  readonly fault?: Fault;
  readonly simple?: SimpleChaosBody;
  readonly faults?: readonly string[];
}

/** What an operator did, in words: the fault that was armed, not its id. `others` may say which fault an id was. */
export function auditWords({ what }: Entry, others: readonly Entry[]): string {
  const { fault, simple, faults } = what as What;
  if (fault?.point !== undefined) return faultSentence(fault);
  if (simple?.latency_ms !== undefined) return dialWords(simple);
  if (Array.isArray(faults)) {
    return faults.length === 0 ? 'No fault was armed.' : faults.map((id) => sentenceOf(id, others)).join(' ');
  }
  return plainValues(what);
}

function dialWords(dials: SimpleChaosBody): string {
  const parts = [
    dials.latency ? `a delay of ${formatMs(dials.latency_ms)}` : '',
    dials.crash_rate > 0 ? `errors for ${formatShare(dials.crash_rate)}` : '',
    dials.partial_failure_rate > 0 ? `partial failure for ${formatShare(dials.partial_failure_rate)}` : '',
    dials.kill_rate > 0 ? `death for ${formatShare(dials.kill_rate)}` : '',
  ].filter((part) => part !== '');
  return `Deductions get ${parts.join(', ')}.`;
}

function sentenceOf(id: string, others: readonly Entry[]): string {
  const known = others.map(({ what }) => (what as What).fault).find((one) => one?.id === id);
  return known ? faultSentence(known) : `Fault ${id.slice(0, 8)}.`;
}

/** The values of a change, without nested ones. */
function plainValues(what: Record<string, unknown>): string {
  const plain = Object.entries(what).flatMap(([name, value]): string[] => {
    if (Array.isArray(value)) return [`${name}=${value.length > 2 ? `${value.length} of them` : value.join(',')}`];
    return ['string', 'number', 'boolean'].includes(typeof value) ? [`${name}=${value}`] : [];
  });
  return plain.slice(0, 8).join(' ');
}

/** Restocks in a row by one operator become one entry, so that they do not hide what was done to chaos. */
export function foldRestocks(entries: readonly Entry[]): Entry[][] {
  const folded: Entry[][] = [];
  for (const entry of entries) {
    const last = folded.at(-1);
    const alike = last?.[0]?.action === 'restock' && entry.action === 'restock' && last[0].who === entry.who;
    if (alike) last.push(entry);
    else folded.push([entry]);
  }
  return folded;
}

/** `12 restocks`, for entries folded into one. */
export const foldedWords = (entries: readonly Entry[]): string => plural(entries.length, 'restock');
