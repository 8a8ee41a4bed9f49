import { recordOf } from '@valerix/system';
import type { HistoryLine } from '../workload/history.ts';
import { LatencyHistogram } from './latency-histogram.ts';

const OUTCOMES = ['confirmed', 'queued', 'refused', 'unknown'] as const;
/** `arrived`: orders that clients meant to place; `troubles`: attempts without a usable answer. */
const OF_A_SECOND = ['arrived', ...OUTCOMES, 'troubles'] as const;
/** `placed`: orders whose clients were told confirmed, queued or refused. An order without an answer may not exist. `reads`: answered. */
const TOTALS = [
  'placed',
  ...OUTCOMES,
  'declined',
  'failed',
  'cancelled',
  'replays',
  'reuses',
  'retries',
  'troubles',
  'reads',
] as const;

/** One second of the run. */
export type Second = Record<(typeof OF_A_SECOND)[number], number> & { latency: LatencyHistogram };
export type Totals = Record<(typeof TOTALS)[number], number>;

/** What the clients saw, by second and in total. */
export class Tally {
  readonly seconds: Second[] = [];
  readonly latency = new LatencyHistogram();
  #recent = new LatencyHistogram();
  readonly totals: Totals = recordOf(TOTALS, () => 0);

  trouble(ms: number): void {
    this.totals.troubles++;
    this.#at(ms).troubles++;
  }

  /** The latency of the answers since the last call. */
  takeRecent(): LatencyHistogram {
    const recent = this.#recent;
    this.#recent = new LatencyHistogram();
    return recent;
  }

  add(line: HistoryLine): void {
    const { totals } = this;
    if (line.f === 'place') this.#addPlace(line);
    if (line.f === 'cancel' && line.type === 'ok') totals.cancelled++;
    if (line.f === 'replay' && line.type === 'ok') totals.replays++;
    if (line.f === 'read' && line.type === 'ok') totals.reads++;
    if (line.f === 'reuse' && line.type === 'fail') totals.reuses++;
  }

  #addPlace(line: HistoryLine): void {
    const { totals } = this;
    const { t, type, attempts = 1, latency = 0, intended = t } = line;
    const second = this.#at(t);
    if (type === 'invoke') {
      second.arrived++;
      return;
    }
    totals.retries += attempts - 1;
    const outcome = outcomeOf(line);
    totals[outcome]++;
    if (outcome !== 'failed') second[outcome]++;
    if (type === 'ok') totals.placed++;
    // A declined payment is a refusal too.
    if (type === 'ok' && line.status === 402) totals.declined++;
    if (type === 'unknown') return;
    this.latency.add(latency);
    this.#recent.add(latency);
    // Counted in the second in which the client meant to order: a fault's latency then shows during the fault.
    this.#at(intended).latency.add(latency);
  }

  #at(ms: number): Second {
    const index = Math.max(0, Math.floor(ms / 1000));
    while (this.seconds.length <= index) {
      this.seconds.push({ ...recordOf(OF_A_SECOND, () => 0), latency: new LatencyHistogram() });
    }
    return this.seconds[index] as Second;
  }
}

function outcomeOf({ type, status }: HistoryLine): (typeof OUTCOMES)[number] | 'failed' {
  if (type !== 'ok') return type === 'unknown' ? 'unknown' : 'failed';
  if (status === 201) return 'confirmed';
  return status === 202 ? 'queued' : 'refused';
}
