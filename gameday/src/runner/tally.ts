import type { HistoryLine } from '../workload/history.ts';
import { LatencyHistogram } from './latency-histogram.ts';

/** One second of the run. */
export interface Second {
  arrived: number;
  confirmed: number;
  queued: number;
  refused: number;
  unknown: number;
  /** Attempts that got no usable answer. */
  troubles: number;
  latency: LatencyHistogram;
}

export interface Totals {
  /** Orders whose clients were told what became of them: confirmed, queued or refused. What got no answer may be no order. */
  placed: number;
  confirmed: number;
  queued: number;
  refused: number;
  failed: number;
  unknown: number;
  cancelled: number;
  replays: number;
  reuses: number;
  retries: number;
  troubles: number;
}

/** What the clients saw, by second and in all. */
export class Tally {
  readonly seconds: Second[] = [];
  readonly latency = new LatencyHistogram();
  #recent = new LatencyHistogram();
  readonly totals: Totals = {
    placed: 0,
    confirmed: 0,
    queued: 0,
    refused: 0,
    failed: 0,
    unknown: 0,
    cancelled: 0,
    replays: 0,
    reuses: 0,
    retries: 0,
    troubles: 0,
  };

  trouble(ms: number): void {
    this.totals.troubles++;
    this.#at(ms).troubles++;
  }

  /** The latency of the answers that came since the last call. */
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
    if (line.f === 'reuse' && line.type === 'fail') totals.reuses++;
  }

  #addPlace(line: HistoryLine): void {
    const { totals } = this;
    if (line.type === 'invoke') {
      this.#at(line.t).arrived++;
      return;
    }
    const second = this.#at(line.t);
    totals.retries += (line.attempts ?? 1) - 1;
    const outcome = outcomeOf(line);
    totals[outcome]++;
    if (outcome !== 'failed') second[outcome]++;
    if (line.type === 'ok') totals.placed++;
    if (line.type === 'unknown') return;
    this.latency.add(line.latency ?? 0);
    this.#recent.add(line.latency ?? 0);
    // By the second in which the client wanted to order: a fault's latency belongs to the time of the fault.
    this.#at(line.intended ?? line.t).latency.add(line.latency ?? 0);
  }

  #at(ms: number): Second {
    const index = Math.max(0, Math.floor(ms / 1000));
    while (this.seconds.length <= index) {
      this.seconds.push({
        arrived: 0,
        confirmed: 0,
        queued: 0,
        refused: 0,
        unknown: 0,
        troubles: 0,
        latency: new LatencyHistogram(),
      });
    }
    return this.seconds[index] as Second;
  }
}

function outcomeOf({ type, status }: HistoryLine): 'confirmed' | 'queued' | 'refused' | 'unknown' | 'failed' {
  if (type !== 'ok') return type === 'unknown' ? 'unknown' : 'failed';
  if (status === 201) return 'confirmed';
  return status === 202 ? 'queued' : 'refused';
}
