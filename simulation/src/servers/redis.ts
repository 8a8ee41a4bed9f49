import type { End, Endpoint, Host } from '../world/network.ts';
import type { Task } from '../world/schedule.ts';
import type { World } from '../world/world.ts';
import { CommandReader, commandIn, encode, Failure, OK, type Value } from './resp.ts';

interface Kept {
  value: string;
  /** On the world's clock; Infinity: for ever. */
  endsMs: number;
}

interface Group {
  /** The number of the last entry that was delivered. */
  delivered: number;
  pending: Map<number, { consumer: string; atMs: number }>;
  consumers: Map<string, number>;
}

interface Stream {
  entries: Map<number, string[]>;
  last: number;
  groups: Map<string, Group>;
}

type Answer = Value | typeof OK | undefined;

/**
 * As much of Redis as the services use. It decides nothing (I11), so nothing else is needed of it: each command does what Redis's own
 * documentation says, or is refused as unknown.
 */
export class RedisHost implements Host {
  readonly kind = 'redis';
  readonly world: World;
  #keys = new Map<string, Kept>();
  #streams = new Map<string, Stream>();
  readonly #connections = new Set<Connection>();
  isAway = false;

  constructor(world: World) {
    this.world = world;
  }

  accept(end: End): Endpoint | undefined {
    if (this.isAway) return undefined;
    const connection = new Connection(this, end);
    this.#connections.add(connection);
    return connection;
  }

  describe(bytes: Buffer, isReply: boolean): string {
    if (isReply) return 'reply';
    const words = commandIn(bytes)?.words ?? [];
    return (words[0] ?? '').toLowerCase();
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection);
  }

  goAway(): void {
    this.isAway = true;
    for (const { end } of [...this.#connections]) {
      end.peer.lose();
      end.lose();
    }
  }

  wipe(): void {
    this.#keys = new Map();
    this.#streams = new Map();
    this.#wakeReaders();
  }

  #wakeReaders(): void {
    this.world.after(0, undefined, () => {
      for (const connection of this.#connections) connection.look();
    });
  }

  /** @returns undefined while it waits */
  answer(name: string, words: string[]): Answer {
    const command = (this.#commands as Record<string, ((words: string[]) => Answer) | undefined>)[name];
    return command ? command(words) : new Failure(`ERR unknown command '${name}'`);
  }

  /** What a reader of a group has not seen yet; null if there is nothing. */
  readGroup(words: string[]): Value {
    const [group = '', consumer = ''] = words.slice(1);
    const name = words[words.findIndex((word) => word.toUpperCase() === 'STREAMS') + 1] ?? '';
    const stream = this.#streams.get(name);
    const found = stream?.groups.get(group);
    if (!stream || !found) return new Failure(`NOGROUP No such key '${name}' or consumer group '${group}'`);
    found.consumers.set(consumer, this.world.nowMs);
    const entries = [...stream.entries].filter(([id]) => id > found.delivered).slice(0, countIn(words));
    if (entries.length === 0) return null;
    for (const [id] of entries) {
      found.delivered = id;
      found.pending.set(id, { consumer, atMs: this.world.nowMs });
    }
    return [[name, entries.map(([id, fields]) => [idOf(id), fields])]];
  }

  #get(key: string): string | null {
    const kept = this.#keys.get(key);
    return kept && kept.endsMs > this.world.nowMs ? kept.value : null;
  }

  #set(key: string, value: string, forMs = Number.POSITIVE_INFINITY): typeof OK {
    this.#keys.set(key, { value, endsMs: this.world.nowMs + forMs });
    return OK;
  }

  readonly #commands = {
    info: () => 'loading:0\r\nredis_version:7.4.0\r\nrole:master\r\n',
    client: () => OK,
    ping: () => 'PONG',
    mget: (keys: string[]) => keys.map((key) => this.#get(key)),
    set: ([key = '', value = '', unit, time]: string[]) =>
      this.#set(key, value, unit === undefined ? undefined : Number(time) * (unit.toUpperCase() === 'EX' ? 1_000 : 1)),
    // The one script of the services: it sets many keys with one expiry.
    eval: ([script = '', count, ...rest]: string[]) => {
      if (!script.includes("redis.call('SET', key, ARGV[n + 1], 'EX', ARGV[1])"))
        return new Failure('ERR unknown script');
      const keys = rest.slice(0, Number(count));
      const [seconds, ...values] = rest.slice(Number(count));
      keys.forEach((key, n) => {
        this.#set(key, values[n] ?? '', Number(seconds) * 1_000);
      });
      return null;
    },
    xadd: (words: string[]) => {
      const [name = ''] = words;
      const stream = this.#streamOf(name);
      stream.entries.set(++stream.last, words.slice(words.indexOf('*') + 1));
      this.#wakeReaders();
      return idOf(stream.last);
    },
    xlen: ([name = '']: string[]) => this.#streams.get(name)?.entries.size ?? 0,
    expire: ([name = '']: string[]) => Number(this.#streams.has(name)),
    xack: ([name = '', group = '', ...ids]: string[]) => {
      const pending = this.#streams.get(name)?.groups.get(group)?.pending;
      return ids.filter((id) => pending?.delete(numberOf(id))).length;
    },
    xgroup: ([action = '', name = '', group = '', from]: string[]) => {
      if (action.toUpperCase() !== 'CREATE') return 0;
      const { groups, last } = this.#streamOf(name);
      if (groups.has(group)) return new Failure('BUSYGROUP Consumer Group name already exists');
      groups.set(group, { delivered: from === '0' ? 0 : last, pending: new Map(), consumers: new Map() });
      return OK;
    },
    xautoclaim: (words: string[]) => this.#claim(words),
    xinfo: ([, name = '', group = '']: string[]) => {
      const found = this.#streams.get(name)?.groups.get(group);
      if (!found) return new Failure('ERR no such key');
      return [...found.consumers].map(([consumer, seenMs]) => {
        const pending = [...found.pending.values()].filter((one) => one.consumer === consumer).length;
        return ['name', consumer, 'pending', pending, 'idle', Math.round(this.world.nowMs - seenMs)];
      });
    },
  };

  #claim([name = '', group = '', consumer = '', idleMs]: string[]): Answer {
    const stream = this.#streams.get(name);
    const found = stream?.groups.get(group);
    if (!stream || !found) return new Failure(`NOGROUP No such key '${name}' or consumer group '${group}'`);
    const idle = [...found.pending].filter(([, { atMs }]) => this.world.nowMs - atMs >= Number(idleMs));
    for (const [id] of idle) found.pending.set(id, { consumer, atMs: this.world.nowMs });
    return ['0-0', idle.map(([id]) => [idOf(id), stream.entries.get(id) ?? []]), []];
  }

  #streamOf(name: string): Stream {
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = { entries: new Map(), last: 0, groups: new Map() };
      this.#streams.set(name, stream);
    }
    return stream;
  }
}

const idOf = (id: number): string => `${id}-0`;
const numberOf = (id: string): number => Number.parseInt(id, 10);
const after = (words: string[], name: string): number | undefined => {
  const at = words.findIndex((word) => word.toUpperCase() === name);
  return at < 0 ? undefined : Number(words[at + 1]);
};
const countIn = (words: string[]): number => after(words, 'COUNT') ?? 10;

/** One connection: its commands are answered in turn, also behind one that waits. */
class Connection implements Endpoint {
  readonly end: End;
  readonly #host: RedisHost;
  readonly #reader = new CommandReader();
  readonly #queue: string[][] = [];
  /** When the first command's wait is over. */
  #patience: Task | undefined;

  constructor(host: RedisHost, end: End) {
    this.#host = host;
    this.end = end;
  }

  receive(bytes: Buffer): void {
    this.#queue.push(...this.#reader.read(bytes));
    this.look();
  }

  ended(): void {
    this.lost();
  }

  lost(): void {
    this.#host.forget(this);
    this.end.cut();
    if (this.#patience) this.#patience.cancelled = true;
  }

  /** Answers what can be answered now. */
  look(isLate = false): void {
    for (let words = this.#queue[0]; words; words = this.#queue[0]) {
      const [name = '', ...rest] = words;
      const answer = this.#answer(name.toLowerCase(), rest, isLate);
      if (answer === undefined) return;
      this.#queue.shift();
      if (this.#patience) this.#patience.cancelled = true;
      this.#patience = undefined;
      this.end.send(Buffer.from(encode(answer)));
    }
  }

  #answer(name: string, rest: string[], isLate: boolean): Answer {
    if (name !== 'xreadgroup') return this.#host.answer(name, rest);
    const read = this.#host.readGroup(rest);
    if (read !== null || isLate) return read;
    this.#patience ??= this.#host.world.after(after(rest, 'BLOCK') ?? 0, undefined, () => this.look(true));
    return undefined;
  }
}
