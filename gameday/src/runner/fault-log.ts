import type { ChaosState, Fault } from '@valerix/contracts';
import type { Activity } from '../experiment/schema.ts';
import type { Effect } from '../targets/target.ts';

/** A fault on the timeline; times in milliseconds since the start of the run. */
export interface FaultWindow {
  /** The name of the action that began it. */
  name: string;
  kind: 'target' | 'injected';
  from: number;
  /** Undefined while it is active. */
  to?: number;
  /** How often it hit; 1 for a command of the target that was carried out. */
  fired: number;
}

interface Tracked extends FaultWindow {
  /** The effect of a command, by name; the opposite command ends it. */
  subject?: string;
  /** Of the injected faults; it ends when none of them is armed any more. */
  ids: Set<string>;
  expiresAt?: number;
  /** Counts its hits while it is active. */
  count?: () => number;
  /** It ends after so many hits. */
  maxHits?: number;
}

/** Records every fault of a run: when it began, when it ended, how often it fired. */
export class FaultLog {
  readonly #now: () => number;
  readonly #faults: Tracked[] = [];
  readonly #fired = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get windows(): FaultWindow[] {
    return this.#faults.map(({ name, kind, from, to, fired, ids }) => ({
      ...{ name, kind, from, fired: kind === 'injected' ? this.#hits(ids) : fired },
      ...(to !== undefined && { to }),
    }));
  }

  /** The names of the active faults. */
  get active(): string[] {
    return this.#faults.filter(({ to }) => to === undefined).map(({ name }) => name);
  }

  /** Records the effect of an action. */
  note(activity: Activity, output: unknown, effect: Effect | undefined, from: number): void {
    if (activity.type !== 'action') return;
    if (effect?.ends) this.#end(({ subject }) => subject === effect.ends);
    if (effect?.begins) {
      // A new mode of the same effect ends the previous one.
      this.#end(({ subject }) => subject === effect.begins);
      const fault = this.#begin(activity.name, 'target', from);
      fault.subject = effect.begins;
      fault.fired = effect.hits ? 0 : 1;
      if (effect.hits) fault.count = effect.hits;
      const close = () => this.#close(fault);
      effect.over?.then(close, close);
    }
    if (activity.provider.type === 'http') this.#noteRequest(activity, output, from);
  }

  /** Updates the counts, and ends the faults that are no longer armed. */
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

  /** Ends every fault, at the end of the run. */
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

type Armed = Pick<Fault, 'id' | 'created_at' | 'expires_at' | 'preset' | 'max_hits'>;
