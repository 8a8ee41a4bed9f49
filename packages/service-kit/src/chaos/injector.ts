import type { Fault, ReplicaState, ServiceName } from '@valerix/contracts';
import { pause } from '../backoff.ts';
import { fractionOf, identityOf, isHit, streamOf } from './decision.ts';
import type { FaultContext } from './fault-context.ts';
import type { FaultKind } from './fault-kind.ts';
import { FAULT_KINDS } from './fault-types.ts';
import { type Lease, leaseFor } from './lease.ts';
import type { Marks } from './marks.ts';
import { matches } from './match.ts';
import { createStandstill } from './standstill.ts';
import { isCounted, type Turns } from './turns.ts';

/** A place in the code. Passing it costs one comparison of `armed` while no fault is armed there. */
export interface Point {
  readonly name: string;
  armed: readonly Armed[] | null;
}

/** A fault in force in this process. */
export interface Armed {
  readonly fault: Fault;
  readonly lease: Lease;
  readonly stream: string;
  matched: number;
  fired: number;
  exhausted: boolean;
}

/** Matches and firings by fault id. */
export type Counts = Map<string, { matched: number; fired: number }>;

export interface InjectorOptions {
  service: ServiceName;
  replica: string;
  points: readonly string[];
  turns: Turns;
  marks: Marks;
  /** Called at every firing, for the metrics. */
  onFired?(fault: Fault): void;
  /** Resolves when the counts are stored. */
  flush?(): Promise<void>;
  /** Resolves when the report of this process is removed. */
  leave?(): Promise<void>;
}

/** How many steps faults may hold at once in this process (I13); beyond it, faults do not fire. */
const MAX_HELD = 5_000;
const TELL_LIMIT_MS = 50;

const kindOf = ({ type }: Fault): FaultKind => FAULT_KINDS[type];

export type Injector<P extends string = string> = ReturnType<typeof createInjector<P>>;

/** The faults of this process, in memory: which are in force at which point, and what they do to the work that passes. */
export function createInjector<P extends string>(options: InjectorOptions & { points: readonly P[] }) {
  const points = new Map<string, Point>(options.points.map((name) => [name, { name, armed: null }]));
  let inForce = new Map<string, Armed>();
  const standstill = createStandstill();
  let counts: Counts = new Map();
  let held = 0;
  let passed = 0;

  function arm(fault: Fault, remainingMs: number): Armed {
    const armed: Armed = {
      fault,
      lease: leaseFor(remainingMs, () => drop(armed)),
      stream: streamOf(fault),
      matched: 0,
      fired: 0,
      exhausted: false,
    };
    return armed;
  }

  function drop(armed: Armed): void {
    if (inForce.get(armed.fault.id) !== armed) return;
    inForce.delete(armed.fault.id);
    place();
  }

  /** Puts each fault at its point. A point without a fault is null. */
  function place(): void {
    for (const point of points.values()) {
      const here = [...inForce.values()].filter(({ fault }) => fault.point === point.name);
      point.armed = here.length > 0 ? here : null;
    }
  }

  function count(armed: Armed, what: 'matched' | 'fired'): void {
    armed[what]++;
    const sum = counts.get(armed.fault.id) ?? { matched: 0, fired: 0 };
    sum[what]++;
    counts.set(armed.fault.id, sum);
  }

  async function consider(armed: Armed, context: FaultContext): Promise<void> {
    const { fault, lease, stream } = armed;
    if (lease.over || armed.exhausted || !matches(fault.match, context)) return;
    count(armed, 'matched');
    const identity = identityOf(context, `${options.replica} ${++passed}`);
    const attempt = context.attempt ?? 1;
    if (!isHit(stream, fault.percentage, identity, attempt)) return;
    if (kindOf(fault).spares?.(fault)) return;
    const turn = isCounted(fault) ? await options.turns.take(fault) : armed.fired + 1;
    if (turn === 'exhausted') armed.exhausted = true;
    if (typeof turn !== 'number' || lease.over || held >= MAX_HELD) return;
    await fire(armed, context, turn, fractionOf(stream, identity, attempt, 'draw'));
  }

  async function fire(armed: Armed, context: FaultContext, turn: number, draw: number): Promise<void> {
    const { fault, lease } = armed;
    count(armed, 'fired');
    options.onFired?.(fault);
    const { service, replica } = options;
    options.marks.send({ fault_id: fault.id, type: fault.type, point: fault.point, service, replica }, context);
    const within = (...work: (Promise<void> | undefined)[]) =>
      Promise.race([Promise.all(work), pause(TELL_LIMIT_MS)]).then(() => {});
    const told = () => within(options.marks.sent(), options.flush?.());
    const lastWords = () => within(options.marks.sent(), options.flush?.(), options.leave?.());
    held++;
    try {
      await kindOf(fault).fire({
        fault,
        turn,
        draw,
        // Also by the clock: in a process that was blocked, the end of the lease is late.
        wait: (ms) => pause(Math.min(ms, lease.remainingMs()), lease.ended),
        standStill: (ms) => standstill.begin(ms, lease),
        over: () => lease.over,
        told,
        lastWords,
      });
    } finally {
      held--;
    }
  }

  return {
    service: options.service,
    replica: options.replica,

    /** Settled when the process goes on after a hang; undefined while none is under way. */
    get standstill() {
      return standstill.underWay;
    },

    /** The point with this name. */
    point(name: P): Point {
      const point = points.get(name);
      if (!point) throw new Error(`${name} is no failpoint of ${options.service}`);
      return point;
    },

    /**
     * Applies the faults at a point to this work, in the order in which they were armed.
     * @returns when the step may go on
     * @throws the failure that a fault injects
     */
    async hit(point: Point, context: FaultContext): Promise<void> {
      for (const armed of point.armed ?? []) await consider(armed, context);
    },

    /** Puts exactly these faults in force. A known fault keeps its lease and its counts. @returns false if none changed */
    load(faults: readonly { fault: Fault; remainingMs: number }[]): boolean {
      const mine = faults.filter(({ fault }) => fault.service === options.service);
      const kept = new Set(mine.map(({ fault }) => fault.id));
      const gone = [...inForce.values()].filter(({ fault }) => !kept.has(fault.id));
      const fresh = mine.filter(({ fault }) => !inForce.has(fault.id));
      if (gone.length === 0 && fresh.length === 0) return false;
      const next = mine.map(({ fault, remainingMs }) => inForce.get(fault.id) ?? arm(fault, remainingMs));
      inForce = new Map(next.map((armed) => [armed.fault.id, armed]));
      place();
      for (const armed of gone) armed.lease.end();
      return true;
    },

    get inForce(): readonly Armed[] {
      return [...inForce.values()].filter(({ lease }) => !lease.over);
    },

    /** The counts since the last call. */
    takeCounts(): Counts {
      const taken = counts;
      counts = new Map();
      return taken;
    },

    /** The faults in force, as this process reports them. */
    state(): ReplicaState['faults'] {
      return this.inForce.map(({ fault, lease, matched, fired }) => ({
        id: fault.id,
        matched,
        fired,
        remaining_ms: Math.ceil(lease.remainingMs()),
      }));
    },
  };
}
