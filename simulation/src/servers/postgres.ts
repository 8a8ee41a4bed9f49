import type { PGlite } from '@electric-sql/pglite';
import type { End, Endpoint, Host } from '../world/network.ts';
import { Process, type World } from '../world/world.ts';
import { boundIn, type Message, MessageReader, message, stateIn, statementIn } from './wire-messages.ts';

const STARTED = [
  ['server_version', '18.0'],
  ['server_encoding', 'UTF8'],
  ['client_encoding', 'UTF8'],
  ['DateStyle', 'ISO, MDY'],
  ['integer_datetimes', 'on'],
  ['standard_conforming_strings', 'on'],
  ['TimeZone', 'UTC'],
] as const;

/** Statements that PGlite has prepared. They outlive a world: every session that prepares one names it alike. */
const prepared = new WeakMap<PGlite, Map<string, string>>();

/**
 * PostgreSQL's server over PGlite, which has one session. Every connection of the world shares it: a transaction owns it until its
 * end, and the statements of others wait. What belongs to a session (process id, prepared statements, advisory locks) is kept here.
 */
export class PostgresHost implements Host {
  readonly kind = 'database';
  readonly #db: PGlite;
  readonly #world: World;
  /** Its clock and its random numbers. */
  readonly #process: Process;
  readonly #sessions = new Set<Session>();
  #owner: Session | undefined;
  readonly #waiting: { session: Session; batch: Message[] }[] = [];
  #pids = 100;
  isAway = false;
  /** Called after each commit of a write. */
  onWrite: () => void = () => {};

  constructor(world: World, db: PGlite, name: string) {
    this.#world = world;
    this.#db = db;
    this.#process = new Process(world, name);
    if (!prepared.has(db)) prepared.set(db, new Map());
  }

  accept(end: End): Endpoint | undefined {
    if (this.isAway) return undefined;
    const session = new Session(this, end, ++this.#pids);
    this.#sessions.add(session);
    return session;
  }

  /** True when no transaction is open. */
  get isFree(): boolean {
    return this.#owner === undefined;
  }

  /** Ends every connection, and refuses new ones until it is back. */
  goAway(): void {
    this.isAway = true;
    for (const { end } of [...this.#sessions]) {
      end.peer.lose();
      end.lose();
    }
  }

  describe(bytes: Buffer, isReply: boolean): string {
    const type = String.fromCharCode(bytes[0] as number);
    if (isReply) return 'reply';
    if (type === 'P' || type === 'Q') return shortened(statementIn({ type, bytes }));
    if (type === 'B') return boundIn({ type, bytes }).name || 'bind';
    return '';
  }

  /** Runs what a session sent up to its `Sync`, now or when the transaction of another session ends. */
  submit(session: Session, batch: Message[]): void {
    if (this.#owner && this.#owner !== session) this.#waiting.push({ session, batch });
    else this.#run(session, batch);
  }

  #run(session: Session, batch: Message[]): void {
    const reply = this.#execute(session, batch);
    session.hasWritten ||= this.#writes(batch);
    this.#owner = stateIn(reply) === 'I' ? undefined : session;
    session.end.send(reply);
    if (!this.#owner && session.hasWritten) {
      session.hasWritten = false;
      this.onWrite();
    }
    this.#next();
  }

  #next(): void {
    while (!this.#owner) {
      const next = this.#waiting.shift();
      if (!next) return;
      if (next.session.isOpen) this.#run(next.session, next.batch);
    }
  }

  #execute(session: Session, batch: Message[]): Buffer {
    const known = prepared.get(this.#db) as Map<string, string>;
    const sent: Buffer[] = [];
    const synthesized: Buffer[] = [];
    const preparing: [string, string][] = [];
    for (const one of batch) {
      if (one.type === 'P') {
        const { name, sql } = statementIn(one);
        if (name !== '' && known.get(name) === sql) {
          synthesized.push(message('1'));
          continue;
        }
        if (name !== '' && known.has(name)) sent.push(message('C', Buffer.from('S'), name));
        if (name !== '') preparing.push([name, sql]);
        sent.push(message('P', name, this.#rewritten(sql, session), one.bytes.subarray(tailOfParse(one.bytes))));
      } else if (one.type === 'Q') {
        sent.push(message('Q', this.#rewritten(statementIn(one).sql, session)));
      } else sent.push(one.bytes);
      if (one.type === 'B') session.noteLock(batch, one);
    }
    const reply = this.#raw(Buffer.concat(sent));
    if (reply[0] !== 0x45) for (const [name, sql] of preparing) known.set(name, sql);
    return synthesized.length > 0 ? Buffer.concat([...synthesized, reply]) : reply;
  }

  #writes(batch: readonly Message[]): boolean {
    const known = prepared.get(this.#db);
    return batch.some((one) => {
      if (one.type !== 'P' && one.type !== 'Q' && one.type !== 'B') return false;
      const sql = one.type === 'B' ? known?.get(boundIn(one).name) : statementIn(one).sql;
      return sql !== undefined && /\b(INSERT|UPDATE|DELETE)\s/.test(sql) && !sql.includes('FOR UPDATE SKIP LOCKED');
    });
  }

  /** PGlite has one backend; here each session has a number of its own. */
  #rewritten(sql: string, session: Session): string {
    if (sql.includes('pg_backend_pid()')) return sql.replace('pg_backend_pid()', `${session.pid}`);
    if (!sql.includes('FROM unnest($1::integer[], $2::float8[]) AS held (pid, age_ms)')) return sql;
    const living = [...this.#sessions].map(({ pid }) => pid).join(',');
    return `SELECT pid FROM unnest($1::integer[], $2::float8[]) AS held (pid, age_ms) WHERE pid = ANY ('{${living}}')`;
  }

  #raw(bytes: Buffer): Buffer {
    return this.#world.inside(this.#process, () => Buffer.from(this.#db.execProtocolRawSync(bytes)));
  }

  /** The connection is gone: its transaction is rolled back, and its locks are released. */
  forget(session: Session): void {
    this.#sessions.delete(session);
    if (this.#owner === session) {
      this.#raw(message('Q', 'ROLLBACK'));
      this.#owner = undefined;
    }
    // A lock of another session's transaction is released after it, as everything here.
    if (session.locks.length > 0) this.#raw(message('Q', session.locks.map((one) => `SELECT ${one}`).join(';')));
    this.#next();
  }
}

/** Where the number of parameter types begins. */
function tailOfParse(bytes: Buffer): number {
  const sql = bytes.indexOf(0, 5) + 1;
  return bytes.indexOf(0, sql) + 1;
}

const shortened = ({ name, sql }: { name: string; sql: string }): string =>
  name || sql.replaceAll(/\s+/g, ' ').trim().replaceAll(/\d+/g, 'n').slice(0, 48);

/** One connection. */
class Session implements Endpoint {
  readonly end: End;
  readonly pid: number;
  readonly #host: PostgresHost;
  readonly #reader = new MessageReader();
  #batch: Message[] = [];
  /** SQL that releases what it holds. */
  readonly locks: string[] = [];
  isOpen = true;
  /** Since its last commit. */
  hasWritten = false;

  constructor(host: PostgresHost, end: End, pid: number) {
    this.#host = host;
    this.end = end;
    this.pid = pid;
  }

  receive(bytes: Buffer): void {
    for (const one of this.#reader.read(bytes)) {
      if (one.type === undefined) this.#greet();
      else if (one.type === 'X') this.lost();
      else {
        this.#batch.push(one);
        if (one.type !== 'S' && one.type !== 'Q') continue;
        const batch = this.#batch;
        this.#batch = [];
        this.#host.submit(this, batch);
      }
    }
  }

  ended(): void {
    this.lost();
  }

  lost(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.end.cut();
    this.#host.forget(this);
  }

  /** An advisory lock of a session lasts until the session ends. */
  noteLock(batch: readonly Message[], bound: Message): void {
    const parse = batch.find(({ type }) => type === 'P');
    if (!parse || !statementIn(parse).sql.startsWith('SELECT pg_advisory_lock($1, $2)')) return;
    this.locks.push(`pg_advisory_unlock(${boundIn(bound).values.join(', ')})`);
  }

  #greet(): void {
    const parameters = STARTED.map(([name, value]) => message('S', name, value));
    const greeting = [message('R', 0), ...parameters, message('K', this.pid, 1), message('Z', Buffer.from('I'))];
    this.end.send(Buffer.concat(greeting));
  }
}
