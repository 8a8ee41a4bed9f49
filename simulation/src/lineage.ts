import type { Observer } from './run-scenario.ts';
import { boundIn, statementIn } from './servers/wire-messages.ts';
import type { Link, MessageFault } from './world/network.ts';

/** A message on the way to a decision about the order, and what can befall it. */
export interface Reached {
  point: string;
  /** What it asks for, or answers, whichever replicas talk: equal for all attempts of a call. */
  call: string;
  isReply: boolean;
  faults: MessageFault[];
}

export interface Lineage {
  reached: Reached[];
  /** How many faults of these messages were left out, by reason. */
  leftOut: Record<string, number>;
}

/**
 * How late a message is, milliseconds. Between services: longer than any call. To a database: longer than one attempt of the warehouse
 * may take.
 */
const LATE_MS = { http: 2_000, database: 600, redis: 600 };
/** A copy arrives when the first one is answered. */
const COPY_MS = 300;

const REASONS = {
  look: 'a look of the client or of the auditor decides nothing',
  inside: 'a statement inside a transaction is rolled back as at its COMMIT',
  read: 'a reply to a read: as the loss of the read',
  redis: 'the death of a process at its message to Redis: as at the messages beside it',
  more: 'the rest of an answer is lost with its beginning',
} as const;

/** What is known of a connection. */
interface Talk {
  what: string;
  /** The last request only reads, for a client or for the auditor. */
  isLook: boolean;
  /** The last request, or the transaction that it ended, is about the order. */
  isOurs: boolean;
  isWrite: boolean;
  isInTransaction: boolean;
  isTransactionOurs: boolean;
}

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const WRITE = /\b(INSERT|UPDATE|DELETE)\b/;
/** The connections of clients and of the order service, whose only GETs are the auditor's. */
const LOOKING = /^(clients|order-\d+)>/;

/**
 * Watches a run with one order for the messages that the order's decisions hang on (Alvaro et al., "Lineage-driven Fault Injection",
 * SIGMOD 2015): those that name it, by its key or an id that travels with the key, and the end of a transaction that named it.
 */
export function watchLineage(key: string): { observe: Observer; lineage: Lineage } {
  const ids = new Set<string>();
  const talks = new WeakMap<Link, Talk>();
  const statements = new Map<string, string>();
  const lineage: Lineage = { reached: [], leftOut: {} };

  function leaveOut(reason: keyof typeof REASONS, count = 1): void {
    lineage.leftOut[REASONS[reason]] = (lineage.leftOut[REASONS[reason]] ?? 0) + count;
  }

  const observe: Observer = ({ point, kind, isReply, what, bytes, link }, canDie) => {
    const text = bytes.toString('latin1');
    const hasKey = text.includes(key);
    if (hasKey) for (const [id] of text.matchAll(ID)) ids.add(id);
    const namesIt = hasKey || [...ids].some((id) => text.includes(id));
    const talk = talks.get(link) ?? {
      what: '',
      isLook: false,
      isOurs: false,
      isWrite: false,
      isInTransaction: false,
      isTransactionOurs: false,
    };
    talks.set(link, talk);
    const faults = faultsOf(kind, isReply, canDie);
    if (!isReply) {
      const isLook = kind === 'http' && what.startsWith('GET') && LOOKING.test(link.name);
      Object.assign(talk, { what, isLook, isOurs: namesIt });
      if (kind === 'database') noteStatement(talk, what, bytes, text, namesIt);
      if (!talk.isOurs) return;
      if (talk.isLook) return leaveOut('look', faults.length);
      if (talk.isInTransaction && what !== 'COMMIT') return leaveOut('inside', faults.length);
    } else {
      if (kind === 'database') talk.isInTransaction = bytes.at(-1) !== 0x49;
      if (!talk.isOurs && !namesIt) return;
      if (talk.isLook) return leaveOut('look', faults.length);
      if (what === 'more') return leaveOut('more', faults.length);
      if (kind === 'database') {
        // What a worker claims is known from the reply alone.
        if (!talk.isOurs && !talk.isWrite) return leaveOut('look', faults.length);
        if (!talk.isWrite && talk.what !== 'COMMIT') return leaveOut('read', faults.length);
        if (talk.isInTransaction) return leaveOut('inside', faults.length);
      }
    }
    if (kind === 'redis') leaveOut('redis', Number(canDie.sender) + Number(canDie.receiver));
    const call = `${link.name.replaceAll(/-\d+/g, '')}: ${talk.what}`;
    lineage.reached.push({ point, call, isReply, faults });
  };

  function noteStatement(talk: Talk, what: string, bytes: Buffer, text: string, namesIt: boolean): void {
    if (text.startsWith('B')) talk.isWrite = WRITE.test(statements.get(boundIn({ type: 'B', bytes }).name) ?? '');
    else {
      const { name, sql } = statementIn({ type: text[0], bytes });
      if (name !== '') statements.set(name, sql);
      talk.isWrite = WRITE.test(sql);
    }
    if (/^BEGIN\b/.test(what)) Object.assign(talk, { isInTransaction: true, isTransactionOurs: false });
    talk.isTransactionOurs ||= namesIt;
    if (what === 'COMMIT') talk.isOurs = talk.isTransactionOurs;
  }
  return { observe, lineage };
}

function faultsOf(
  kind: Link['kind'],
  isReply: boolean,
  canDie: Record<'sender' | 'receiver', boolean>,
): MessageFault[] {
  const lose: MessageFault = { kind: 'lose' };
  const late: MessageFault = { kind: 'delay', delayMs: LATE_MS[kind] };
  if (kind === 'redis') return isReply ? [lose] : [lose, late];
  return [
    lose,
    ...(kind === 'http' || isReply ? [late] : []),
    ...(kind === 'http' && !isReply ? [{ kind: 'duplicate', delayMs: COPY_MS } as const] : []),
    ...(canDie.sender ? [{ kind: 'kill-sender' } as const] : []),
    ...(canDie.receiver ? [{ kind: 'kill-receiver' } as const] : []),
  ];
}
