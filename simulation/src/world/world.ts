import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { random } from '@valerix/gameday/workload';
import { Schedule, type Task } from './schedule.ts';

/** When every world begins, so that two runs of a seed show the same times. */
const BEGINNING_MS = Date.UTC(2030, 0, 1);

/** The real ones: `globals.ts` replaces what the services see. */
const endOfTurn = setImmediate;

/** One process of the world: everything that runs in it, or was begun by it, runs in its context. */
export class Process {
  readonly name: string;
  /** Its clock minus the world's. */
  readonly skewMs: number;
  /** Counts its starts; each has its own random numbers. */
  readonly life: number;
  readonly random: () => number;
  isAlive = true;
  /** What ends with it: connections, listening sockets. */
  readonly ends = new Set<() => void>();

  constructor(world: World, name: string, { skewMs = 0, life = 1 } = {}) {
    this.name = name;
    this.skewMs = skewMs;
    this.life = life;
    this.random = random(world.seed, 'process', name, life);
  }
}

/** Whose code runs now. */
const running = new AsyncLocalStorage<Process>();

/** One line of a run's timeline. */
export interface Moment {
  atMs: number;
  /** What crossed the world, or happened to it. */
  what: string;
  /** True for a fault or another thing that the seed did to the system. */
  isFault: boolean;
}

/** The one world that runs now: timers, clocks and random numbers of this thread belong to it. */
let present: World | undefined;
export const presentWorld = (): World | undefined => present;

/**
 * A world whose time, chance and deaths come from a seed. It does one thing at a time, and nothing outside it is waited for, so
 * a seed always gives the same run.
 */
export class World {
  readonly seed: number;
  readonly schedule = new Schedule();
  nowMs = 0;
  readonly timeline: Moment[] = [];
  /** Which processes live now, by name. */
  readonly processes = new Map<string, Process>();
  /** Defects of the code: what no process may do. */
  readonly defects: string[] = [];
  readonly #trace = createHash('sha256');
  #isTold = false;
  readonly #passages = new Map<string, number>();
  onDeath: (process: Process) => void = () => {};

  constructor(seed: number) {
    this.seed = seed;
  }

  /** The clock as this code sees it: its process's, or the world's. */
  wallMs(): number {
    return BEGINNING_MS + this.nowMs + (running.getStore()?.skewMs ?? 0);
  }

  get process(): Process | undefined {
    return running.getStore();
  }

  /** Chance of the running process; each has its own, so that one does not disturb another. */
  chance(): number {
    return (this.process?.random ?? this.#own)();
  }
  readonly #own = () => this.draw('world');

  /** A number in [0, 1) that depends on the seed, the name, and how often it was drawn. */
  draw(name: string): number {
    return random(this.seed, name, this.count(`draw ${name}`))();
  }

  /** How often this was called with the name before. */
  count(name: string): number {
    const n = this.#passages.get(name) ?? 0;
    this.#passages.set(name, n + 1);
    return n;
  }

  /** Does `run` later, in a process's context unless that has died by then. */
  after(delayMs: number, process: Process | undefined, run: () => void): Task {
    return this.schedule.add(this.nowMs + Math.max(0, delayMs), () => {
      if (process && !process.isAlive) return;
      this.inside(process, run);
    });
  }

  /** Runs code in a process's context, now. Only while the world runs: its timers would be real ones otherwise. */
  inside<T>(process: Process | undefined, run: () => T): T {
    return process ? running.run(process, run) : running.exit(run);
  }

  /** Ends a process at once: nothing that it began goes on. */
  kill(process: Process): void {
    if (!process.isAlive) return;
    process.isAlive = false;
    this.processes.delete(process.name);
    for (const end of process.ends) end();
    process.ends.clear();
    this.onDeath(process);
  }

  /** Notes what happens, for the timeline and the hash. */
  note(what: string, isFault = false): void {
    if (this.#isTold) return;
    this.trace(what);
    this.timeline.push({ atMs: Math.round(this.nowMs * 1_000) / 1_000, what, isFault });
  }

  /** Notes what happens for the hash alone. */
  trace(what: string): void {
    if (!this.#isTold) this.#trace.update(`${this.nowMs} ${what}\n`);
  }

  /** Ends the timeline. @returns the hash of all that was noted */
  tell(): string {
    this.#isTold = true;
    return this.#trace.digest('hex').slice(0, 16);
  }

  /** Runs the world until `isOver`, or until its time is up. @returns false if its time was up */
  async run(isOver: () => boolean, untilMs: number): Promise<boolean> {
    present = this;
    try {
      while (!isOver()) {
        const task = this.schedule.next();
        if (!task || task.atMs > untilMs) return false;
        this.nowMs = Math.max(this.nowMs, task.atMs);
        task.run();
        // Microtasks and `process.nextTick` have run before the real event loop comes here.
        await new Promise((resolve) => endOfTurn(resolve));
      }
      return true;
    } finally {
      present = undefined;
    }
  }
}
