import type { ChaosState } from '@valerix/contracts';
import type { Activity } from '../experiment/schema.ts';
import type { Effect } from '../targets/target.ts';

/** A fault as the timeline shows it; times in milliseconds since the start of the run. */
export interface FaultWindow {
  /** The name of the action that began it. */
  name: string;
  kind: 'target' | 'injected';
  from: number;
  /** Undefined while it lasts. */
  to?: number;
  /** How often it hit; for a command of the target, that it was carried out. */
  fired: number;
}

interface Tracked extends FaultWindow {
  /** What ends it: the effect of a command, or the ids of the faults. */
  subject?: string;
  ids: Set<string>;
  expiresAt?: number;
  /** Counts its hits while it lasts. */
  count?: () => number;
  /** It is over after so many hits. */
  maxHits?: number;
}

/** Keeps account of every fault of a run: when it began, when it was over, how often it fired. */
export class FaultLog {
  readonly #now: () => number;
  readonly #faults: Tracked[] = [];
  readonly #fired = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get windows(): FaultWindow[] {
    return this.#faults.map(({ name, kind, from, to, fired, ids }) => {
      return {
        name,
        kind,
        from,
        ...(to !== undefined && { to }),
        fired: kind === 'injected' ? this.#hits(ids) : fired,
      };
    });
  }

  /** The faults that last. */
  get active(): string[] {
    return this.#faults.filter(({ to }) => to === undefined).map(({ name }) => name);
  }

  /** Takes note of what an action did. */
  note(activity: Activity, output: unknown, effect: Effect | undefined, from: number): void {
    if (activity.type !== 'action') return;
    if (effect?.ends) this.#end(({ subject }) => subject === effect.ends);
    if (effect?.begins) {
      // A new mode of the same thing ends the one before.
      this.#end(({ subject }) => subject === effect.begins);
      const fault = this.#begin(activity.name, 'target', from);
      fault.subject = effect.begins;
      fault.fired = effect.hits ? 0 : 1;
      if (effect.hits) fault.count = effect.hits;
      effect.over?.then(
        () => this.#close(fault),
        () => this.#close(fault),
      );
    }
    if (activity.provider.type === 'http') this.#noteRequest(activity, output, from);
  }

  /** Brings the counts up to date; a fault that is no longer armed is over. */
  update(state: ChaosState): void {
    const armed = new Set<string>();
    for (const { id, fired } of state.faults) {
      armed.add(id);
      this.#fired.set(id, Math.max(fired, this.#fired.get(id) ?? 0));
    }
    const halted = state.halt.halted;
    this.#end(({ ids }) => ids.size > 0 && (halted || [...ids].every((id) => this.#fired.has(id) && !armed.has(id))));
    this.#end(({ maxHits, ids }) => maxHits !== undefined && this.#hits(ids) >= maxHits);
    this.#end(({ expiresAt }) => expiresAt !== undefined && expiresAt < this.#now());
  }

  /** The run is over, and so is all of it. */
  endAll(): void {
    this.#end(() => true);
  }

  #noteRequest(activity: Activity, output: unknown, from: number): void {
    if (activity.provider.type !== 'http' || !activity.provider.url.includes('/api/admin/chaos')) return;
    const { method, url } = activity.provider;
    if (method === 'DELETE' || url.endsWith('/halt')) {
      this.#end(({ ids }) => ids.size > 0);
      return;
    }
    const body = (output as { body?: { fault?: Armed; faults?: Armed[] } }).body;
    const armed = body?.fault ? [body.fault] : (body?.faults ?? []).filter(({ preset }) => preset !== undefined);
    if (method !== 'POST' || armed.length === 0) return;
    const fault = this.#begin(activity.name, 'injected', from);
    for (const { id } of armed) fault.ids.add(id);
    const ttlMs = Math.max(...armed.map((one) => Date.parse(one.expires_at) - Date.parse(one.created_at)));
    if (ttlMs > 0) fault.expiresAt = from + ttlMs;
    const limits = armed.flatMap(({ max_hits }) => (max_hits === undefined ? [] : [max_hits]));
    if (limits.length === armed.length) fault.maxHits = limits.reduce((sum, limit) => sum + limit, 0);
  }

  #hits(ids: ReadonlySet<string>): number {
    return [...ids].reduce((sum, id) => sum + (this.#fired.get(id) ?? 0), 0);
  }

  #begin(name: string, kind: FaultWindow['kind'], from: number): Tracked {
    const fault: Tracked = { name, kind, from, fired: 0, ids: new Set() };
    this.#faults.push(fault);
    return fault;
  }

  #end(which: (fault: Tracked) => boolean): void {
    for (const fault of this.#faults) if (fault.to === undefined && which(fault)) this.#close(fault);
  }

  #close(fault: Tracked): void {
    if (fault.to === undefined && fault.count) fault.fired = fault.count();
    fault.to ??= Math.max(fault.from, Math.min(this.#now(), fault.expiresAt ?? Number.POSITIVE_INFINITY));
  }
}

interface Armed {
  id: string;
  created_at: string;
  expires_at: string;
  preset?: string;
  max_hits?: number;
}
