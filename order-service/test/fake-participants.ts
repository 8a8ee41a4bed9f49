import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command, Decision, PaymentCommand, PaymentDecision } from '@valerix/contracts';

/** How a participant behaves; every one of them on a real socket. */
export type Behaviour =
  | 'apply'
  | 'refuse'
  /** Never answers. */
  | 'hang'
  /** Drops the connection before doing anything. */
  | 'reset'
  /** Answers 500. */
  | 'fail'
  /** Answers something that is not the protocol. */
  | 'garbage'
  /** Decides, and then the connection dies before the answer is out: the reply is lost. */
  | 'commit-then-die';

/** A service that decides about orders, under the control of a test. It keeps decisions as the real one does. */
async function startFake<C extends { op: string; order_id: string }, D>(
  path: string,
  decide: (command: C, earlier: D | undefined, behaviour: Behaviour) => D,
) {
  const decisions = new Map<string, D>();
  const seen: C[] = [];
  let behaviour: Behaviour = 'apply';
  let once: Behaviour | undefined;
  let cursed: (command: C) => boolean = () => false;
  let stalled: (command: C) => boolean = () => false;
  let error = { status: 500, code: 'INTERNAL', detail: 'This order cannot be decided.' };

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await read(req);
    if (req.url === '/health') return void res.setHeader('Content-Type', 'application/json').end('{"status":"up"}');
    // The auditor asks for the ledger; this one shows none.
    if (req.url !== path) return void res.writeHead(404).end('{}');
    const commands: C[] = body.split('\n').map((line) => JSON.parse(line));
    seen.push(...commands);
    const now = once ?? behaviour;
    once = undefined;
    if (now === 'hang') return;
    if (now === 'reset') return void req.socket.resetAndDestroy();
    if (now === 'fail') return void res.writeHead(500).end('{}');
    if (now === 'garbage') return void res.writeHead(200).end('<html>not the protocol</html>\n');
    const replies = commands.flatMap((command, index) => {
      if (stalled(command)) return [];
      return `${JSON.stringify(cursed(command) ? { index, error } : { index, decision: decided(command, now) })}\n`;
    });
    if (now === 'commit-then-die') return void req.socket.resetAndDestroy();
    res.writeHead(200, { 'Content-Type': 'application/x-ndjson' }).write(replies.join(''));
    if (replies.length === commands.length) res.end();
  }

  function decided(command: C, now: Behaviour): D {
    const decision = decide(command, decisions.get(command.order_id), now);
    decisions.set(command.order_id, decision);
    return decision;
  }

  const server = createServer((req, res) => void handle(req, res));
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;

  async function leave(): Promise<void> {
    const gone = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await gone;
  }

  return {
    url: `http://127.0.0.1:${port}`,
    decisions,
    /** Every command that arrived, in order. */
    seen,
    become(next: Behaviour) {
      behaviour = next;
    },
    /** Only for the next request. */
    becomeOnce(next: Behaviour) {
      once = next;
    },
    /** From now on it answers these commands with an error of their own, and decides the others. */
    curse(which: (command: C) => boolean, answer = error) {
      cursed = which;
      error = answer;
    },
    /** From now on it never answers these commands; it answers those that travel with them. */
    stall(which: (command: C) => boolean) {
      stalled = which;
    },
    /** Refuses connections until it comes back. */
    leave,
    comeBack: () => listen(port),
    stop: leave,
  };
}

const at = () => new Date().toISOString();

/** What every item of the fake inventory service costs, in cents. */
export const PRICE_CENTS = 49_999;

/** An inventory service that has enough of everything. */
export const startFakeInventory = () =>
  startFake<Command, Decision>('/api/inventory/commands', (command, earlier, behaviour) => {
    const { order_id, op } = command;
    if (op === 'release') {
      if (!earlier) return voided(order_id);
      return {
        ...earlier,
        held: false,
        released_at: earlier.outcome === 'applied' ? (earlier.released_at ?? at()) : null,
      };
    }
    if (op === 'commit') return earlier ? { ...earlier, held: false } : voided(order_id);
    const refused = behaviour === 'refuse';
    return (
      earlier ?? {
        order_id,
        outcome: refused ? 'refused' : 'applied',
        reason: refused ? 'OUT_OF_STOCK' : null,
        items: command.items,
        prices: { currency: 'EUR', unit_price_cents: command.items.map(() => PRICE_CENTS) },
        decided_at: at(),
        released_at: null,
        held: op === 'reserve' && !refused,
      }
    );
  });

const voided = (order_id: string): Decision => {
  const nothing = { items: [], prices: null, released_at: null, held: false };
  return { order_id, outcome: 'voided', reason: 'ORDER_VOIDED', decided_at: at(), ...nothing };
};

/** A payment service whose provider charges everybody. */
export const startFakePayment = () =>
  startFake<PaymentCommand, PaymentDecision>('/api/payments/commands', (command, earlier, behaviour) => {
    const { order_id } = command;
    if (command.op === 'refund') {
      if (earlier)
        return { ...earlier, refunded_at: earlier.outcome === 'applied' ? (earlier.refunded_at ?? at()) : null };
      const nothing = { amount_cents: null, currency: null, charged_at: null, refunded_at: null };
      return { order_id, outcome: 'voided', reason: 'ORDER_VOIDED', decided_at: at(), ...nothing };
    }
    const refused = behaviour === 'refuse';
    return (
      earlier ?? {
        order_id,
        outcome: refused ? 'refused' : 'applied',
        reason: refused ? 'CARD_DECLINED' : null,
        amount_cents: command.amount_cents,
        currency: command.currency,
        decided_at: at(),
        charged_at: refused ? null : at(),
        refunded_at: null,
      }
    );
  });

async function read(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) text += chunk;
  return text;
}
