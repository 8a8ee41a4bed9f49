import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import perfHooks from 'node:perf_hooks';
import timers from 'node:timers';
import type { Task } from './schedule.ts';
import { type Process, presentWorld, type World } from './world.ts';

/**
 * Replaces, for this whole thread, what code can learn from outside it: time, timers, chance, signals. While no world runs, all is
 * real. To be called before a service is loaded.
 */
export function replaceGlobals(): void {
  replaceClocks();
  replaceTimers();
  replaceChance();
  replaceProcess();
  replaceMonitors();
  syncBuiltinESMExports();
}

function replaceClocks(): void {
  const RealDate = Date;
  const nowMs = () => Math.floor(presentWorld()?.wallMs() ?? RealDate.now());
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(nowMs()).toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(
        target,
        args.length === 0 ? [nowMs()] : args,
        newTarget === globalThis.Date ? target : newTarget,
      ),
    get: (target, key, receiver) => (key === 'now' ? nowMs : Reflect.get(target, key, receiver)),
  });
  const monotonic = performance.now.bind(performance);
  performance.now = () => presentWorld()?.nowMs ?? monotonic();
  const realHrtime = process.hrtime;
  const nanos = () => {
    const world = presentWorld();
    return world ? BigInt(Math.round(world.nowMs * 1e6)) : realHrtime.bigint();
  };
  process.hrtime = Object.assign(
    (since?: [number, number]): [number, number] => {
      const all = nanos() - (since ? BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]) : 0n);
      return [Number(all / 1_000_000_000n), Number(all % 1_000_000_000n)];
    },
    { bigint: nanos },
  );
}

/** What `setTimeout` and its like return in a world. */
class Timer {
  readonly #world: World;
  readonly #owner: Process | undefined;
  readonly #run: () => void;
  readonly #delayMs: number;
  readonly #repeats: boolean;
  #task: Task;

  constructor(world: World, run: () => void, { delayMs, repeats }: { delayMs: number; repeats: boolean }) {
    this.#world = world;
    this.#run = run;
    this.#delayMs = delayMs;
    this.#repeats = repeats;
    this.#owner = world.process;
    this.#task = this.#schedule();
  }

  #schedule(): Task {
    return this.#world.after(this.#delayMs, this.#owner, () => {
      if (this.#repeats) this.#task = this.#schedule();
      this.#run();
    });
  }

  cancel(): void {
    this.#task.cancelled = true;
  }
  refresh(): this {
    this.cancel();
    this.#task = this.#schedule();
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
  close(): this {
    this.cancel();
    return this;
  }
  [Symbol.dispose](): void {
    this.cancel();
  }
}

type Callback = (...args: unknown[]) => void;
type Start = (run: Callback, delayMs?: number, ...args: unknown[]) => unknown;
type Stop = (timer: unknown) => void;

function replaceTimers(): void {
  const starting = (real: Start, repeats: boolean): Start => {
    return (run, delayMs, ...args) => {
      const world = presentWorld();
      if (!world) return real(run, delayMs, ...args);
      return new Timer(world, () => run(...args), { delayMs: Math.max(1, Number(delayMs) || 1), repeats });
    };
  };
  const stopping =
    (real: Stop): Stop =>
    (timer) =>
      timer instanceof Timer ? timer.cancel() : real(timer);
  const realImmediate = setImmediate as unknown as (run: Callback, ...args: unknown[]) => unknown;
  const replaced = {
    setTimeout: starting(setTimeout as Start, false),
    setInterval: starting(setInterval as Start, true),
    setImmediate: (run: Callback, ...args: unknown[]) => {
      const world = presentWorld();
      if (!world) return realImmediate(run, ...args);
      return new Timer(world, () => run(...args), { delayMs: 0, repeats: false });
    },
    clearTimeout: stopping(clearTimeout as Stop),
    clearInterval: stopping(clearInterval as Stop),
    clearImmediate: stopping(clearImmediate as Stop),
  };
  Object.assign(globalThis, replaced);
  Object.assign(timers, replaced);
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    setTimeout(
      () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      ms,
    );
    return controller.signal;
  };
}

function replaceChance(): void {
  const realRandom = Math.random;
  Math.random = () => presentWorld()?.chance() ?? realRandom();
  const fill = <T extends NodeJS.ArrayBufferView>(
    world: World,
    into: T,
    from = 0,
    size = into.byteLength - from,
  ): T => {
    const bytes = new Uint8Array(into.buffer, into.byteOffset + from, size);
    for (let n = 0; n < bytes.length; n++) bytes[n] = Math.floor(world.chance() * 256);
    return into;
  };
  const { randomFillSync, randomBytes, randomUUID } = crypto;
  const webcrypto = globalThis.crypto;
  const getRandomValues = webcrypto.getRandomValues.bind(webcrypto);
  const inWorld = <A extends unknown[], R>(real: (...args: A) => R, ours: (world: World, ...args: A) => R) => {
    return (...args: A): R => {
      const world = presentWorld();
      return world ? ours(world, ...args) : real(...args);
    };
  };
  const uuid = (world: World) => {
    const hex = fill(world, Buffer.alloc(16)).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  Object.assign(crypto, {
    randomFillSync: inWorld(randomFillSync as never, fill as never),
    randomBytes: inWorld(
      randomBytes as never,
      ((world: World, size: number) => fill(world, Buffer.alloc(size))) as never,
    ),
    randomUUID: inWorld(randomUUID as never, uuid as never),
  });
  webcrypto.getRandomValues = inWorld(getRandomValues as never, fill as never) as typeof webcrypto.getRandomValues;
  webcrypto.randomUUID = crypto.randomUUID as typeof webcrypto.randomUUID;
}

/** A service handles signals and defects for its whole process, and may end it. Here that is one process of the world. */
function replaceProcess(): void {
  const { on, exit } = process;
  const handled = new Set(['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection', 'exit']);
  process.on = ((event: string, listener: Callback) => {
    if (presentWorld()?.process && handled.has(event)) return process;
    return on.call(process, event as never, listener as never);
  }) as typeof process.on;
  process.exit = ((code) => {
    const world = presentWorld();
    if (!world?.process) return exit.call(process, code);
    world.defects.push(`${world.process.name} ended itself with code ${code}`);
    return world.kill(world.process) as never;
  }) as typeof process.exit;
}

/** What every start of a service measures of this thread would never end. */
function replaceMonitors(): void {
  const { monitorEventLoopDelay } = perfHooks;
  Object.assign(perfHooks, {
    PerformanceObserver: class {
      observe(): void {}
      disconnect(): void {}
    },
    monitorEventLoopDelay: () => Object.assign(monitorEventLoopDelay(), { enable: () => false }),
  });
}
