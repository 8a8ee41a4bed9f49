import type { ChaosState, Fault, ReplicaState, ServiceName } from '@valerix/contracts';
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
  /** How often it hit; 1 for a command of the target that was carried out. A fault that kills has hit when a death was seen. */
  fired: number;
  /** Set when it should have killed a process, and no death was seen. */
  deathUnseen?: true;
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
  /** The injected faults that kill, each with the service whose process dies. */
  kills: Map<string, ServiceName>;
  /** True for a command that kills, and whose target tells when it saw the death. */
  awaitsDeath?: boolean;
  /** The deaths that were seen. */
  deaths: number;
  /** True once the later start of the process was put down to this command, and to no injected fault. */
  explains?: boolean;
}

/** A process that a fault killed runs again, and reports its start, within this time after the fault ended. */
const BACK_MS = 60_000;

/** Records every fault of a run: when it began, when it ended, how often it fired. */
export class FaultLog {
  readonly #now: () => number;
  readonly #faults: Tracked[] = [];
  readonly #fired = new Map<string, number>();
  /** When each replica started, by its own report. */
  readonly #startedAt = new Map<string, string>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get windows(): FaultWindow[] {
    return this.#faults.map(({ name, kind, from, to, fired, ids, kills, awaitsDeath, deaths }) => {
      const all = kind === 'injected' ? this.#hits(ids) : fired;
      const fatal = awaitsDeath ? fired : this.#hits(kills.keys());
      return {
        ...{ name, kind, from, fired: all - fatal + Math.min(fatal, deaths) },
        ...(to !== undefined && { to }),
        ...(fatal > 0 && deaths === 0 && { deathUnseen: true as const }),
      };
    });
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
      if (effect.died) fault.awaitsDeath = true;
      effect.died?.then((died) => {
        if (died) fault.deaths++;
      });
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
    for (const replica of state.replicas) this.#noteStart(replica);
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
    for (const { id, type, service } of armed) {
      fault.ids.add(id);
      if (type === 'crash') fault.kills.set(id, service);
    }
    const ttlMs = Math.max(...armed.map((one) => Date.parse(one.expires_at) - Date.parse(one.created_at)));
    if (ttlMs > 0) fault.expiresAt = from + ttlMs;
    const limits = armed.flatMap(({ max_hits }) => (max_hits === undefined ? [] : [max_hits]));
    if (limits.length === armed.length) fault.maxHits = limits.reduce((sum, limit) => sum + limit, 0);
  }

  /** A replica that reports a later start than before has died. */
  #noteStart({ service, replica, started_at }: ReplicaState): void {
    const name = `${service}/${replica}`;
    const before = this.#startedAt.get(name);
    if (started_at !== undefined) this.#startedAt.set(name, started_at);
    if (before === undefined || started_at === undefined || started_at <= before) return;
    const recent = this.#faults.filter(({ to = this.#now() }) => to > this.#now() - BACK_MS);
    const commands = ['kill', 'stop', 'restart'].map((verb) => `${verb} ${replica}`);
    const command = recent.find(({ subject = '', explains }) => !explains && commands.includes(subject));
    if (command) command.explains = true;
    else for (const fault of recent) if (this.#killed(fault, service)) fault.deaths++;
  }

  #killed({ kills }: Tracked, service: ServiceName): boolean {
    return [...kills].some(([id, dies]) => dies === service && this.#hits([id]) > 0);
  }

  #hits(ids: Iterable<string>): number {
    return [...ids].reduce((sum, id) => sum + (this.#fired.get(id) ?? 0), 0);
  }

  #begin(name: string, kind: FaultWindow['kind'], from: number): Tracked {
    const fault: Tracked = { name, kind, from, fired: 0, ids: new Set(), kills: new Map(), deaths: 0 };
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

type Armed = Pick<Fault, 'id' | 'type' | 'service' | 'created_at' | 'expires_at' | 'preset' | 'max_hits'>;
