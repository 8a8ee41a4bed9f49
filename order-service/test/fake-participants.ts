import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command, Decision } from '@valerix/contracts';

/** How the inventory service behaves; every one of them on a real socket. */
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

/** An inventory service under the control of a test. It keeps decisions as the real one does. */
export async function startFakeInventory() {
  const decisions = new Map<string, Decision>();
  const seen: Command[] = [];
  let behaviour: Behaviour = 'apply';
  let once: Behaviour | undefined;
  let cursed: (command: Command) => boolean = () => false;

  function decide(command: Command): Decision {
    const earlier = decisions.get(command.order_id);
    const at = new Date().toISOString();
    if (command.op === 'release') {
      const decision = earlier
        ? { ...earlier, released_at: earlier.outcome === 'applied' ? (earlier.released_at ?? at) : null }
        : voided(command.order_id, at);
      decisions.set(command.order_id, decision);
      return decision;
    }
    const decision = earlier ?? {
      order_id: command.order_id,
      outcome: behaviour === 'refuse' ? ('refused' as const) : ('applied' as const),
      reason: behaviour === 'refuse' ? ('OUT_OF_STOCK' as const) : null,
      items: command.items,
      decided_at: at,
      released_at: null,
    };
    decisions.set(command.order_id, decision);
    return decision;
  }

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await read(req);
    if (req.url === '/health') return void res.setHeader('Content-Type', 'application/json').end('{"status":"up"}');
    // The auditor asks for the ledger; this one shows none.
    if (req.url !== '/api/inventory/commands') return void res.writeHead(404).end('{}');
    const commands: Command[] = body.split('\n').map((line) => JSON.parse(line));
    seen.push(...commands);
    const now = once ?? behaviour;
    once = undefined;
    if (now === 'hang') return;
    if (now === 'reset') return void req.socket.resetAndDestroy();
    if (now === 'fail') return void res.writeHead(500).end('{}');
    if (now === 'garbage') return void res.writeHead(200).end('<html>not the inventory service</html>\n');
    const error = { status: 500, code: 'INTERNAL', detail: 'This order cannot be decided.' };
    const replies = commands.map((command, index) =>
      JSON.stringify(cursed(command) ? { index, error } : { index, decision: decide(command) }),
    );
    if (now === 'commit-then-die') return void req.socket.resetAndDestroy();
    res.writeHead(200, { 'Content-Type': 'application/x-ndjson' }).end(`${replies.join('\n')}\n`);
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
    curse(which: (command: Command) => boolean) {
      cursed = which;
    },
    /** Refuses connections until it comes back. */
    leave,
    comeBack: () => listen(port),
    stop: leave,
  };
}

function voided(order_id: string, at: string): Decision {
  return { order_id, outcome: 'voided', reason: 'ORDER_VOIDED', items: [], decided_at: at, released_at: null };
}

async function read(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) text += chunk;
  return text;
}
