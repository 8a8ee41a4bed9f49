import type { Process, World } from './world.ts';

/** What is at one end of a connection: a socket of a process, or a server that belongs to the world. */
export interface Endpoint {
  receive(bytes: Buffer): void;
  /** The other side sends nothing more. */
  ended(): void;
  /** The connection is gone. */
  lost(): void;
}

/** A server of the world itself, such as a database. */
export interface Host {
  /** @returns its end of a new connection; undefined to refuse it */
  accept(end: End): Endpoint | undefined;
  /** What a message on the way to it or back is, in a few words. */
  describe(bytes: Buffer, isReply: boolean): string;
  kind: LinkKind;
}

export type LinkKind = 'http' | 'database' | 'redis';

/** What becomes of a message. */
export interface MessageFault {
  kind: 'lose' | 'delay' | 'duplicate' | 'kill-sender' | 'kill-receiver';
  /** How much later it arrives, or its copy does, milliseconds. */
  delayMs?: number;
}

/** A message that is about to leave. */
export interface Passage {
  /** Names it among the others: the same in every run of the seed. */
  point: string;
  kind: LinkKind;
  isReply: boolean;
  what: string;
  bytes: Buffer;
  link: Link;
  sender: Process | undefined;
  receiver: Process | undefined;
}

/** One end of a connection. */
export class End {
  readonly link: Link;
  readonly isClient: boolean;
  /** Undefined for a server of the world. */
  readonly owner: Process | undefined;
  endpoint: Endpoint | undefined;
  isOpen = true;
  /** Messages leave in order: none arrives before the one sent before it. */
  arrivesMs = 0;

  constructor(link: Link, isClient: boolean, owner: Process | undefined) {
    this.link = link;
    this.isClient = isClient;
    this.owner = owner;
    owner?.ends.add(this.#die);
  }

  readonly #die = () => this.cut();

  get peer(): End {
    return (this.isClient ? this.link.server : this.link.client) as End;
  }

  send(bytes: Buffer): void {
    if (this.isOpen) this.link.network.pass(this, bytes);
  }

  /** Nothing more will be sent from here. */
  finish(): void {
    if (this.isOpen) this.#tell((endpoint) => endpoint.ended());
  }

  /** This side is gone; the other one learns it after a while. */
  cut(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.owner?.ends.delete(this.#die);
    this.#tell((endpoint) => endpoint.lost());
  }

  /** Cut off by the network. */
  lose(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.owner?.ends.delete(this.#die);
    const { world } = this.link.network;
    if (this.owner?.isAlive !== false) world.inside(this.owner, () => this.endpoint?.lost());
  }

  #tell(say: (endpoint: Endpoint) => void): void {
    const { peer } = this;
    if (!peer?.isOpen) return;
    const { world } = this.link.network;
    this.arrivesMs = Math.max(this.arrivesMs, world.nowMs + 0.1);
    world.after(this.arrivesMs - world.nowMs, peer.owner, () => {
      if (peer.isOpen && peer.endpoint) say(peer.endpoint);
    });
  }
}

/** A connection. */
export interface Link {
  network: Network;
  name: string;
  kind: LinkKind;
  describe: Host['describe'];
  client: End;
  server: End | undefined;
  /** True for a copy of a connection that carries a message a second time. */
  isGhost: boolean;
}

/** A listening socket of a process. */
export interface Listener {
  owner: Process;
  accept(end: End): Endpoint;
}

/** Every connection of the world. It asks the world's faults what becomes of each message. */
export class Network {
  readonly world: World;
  readonly #hosts = new Map<string, Host>();
  readonly #listeners = new Map<string, Listener[]>();
  /** Addresses that stand for several processes, as a load balancer does. */
  readonly #shared = new Map<string, string[]>();
  faultOf: (passage: Passage) => MessageFault | undefined = () => undefined;
  /** Called when a message of a process arrives, for the story. */
  readonly open = new Set<Link>();

  constructor(world: World) {
    this.world = world;
  }

  addHost(address: string, host: Host): void {
    this.#hosts.set(address, host);
  }

  share(address: string, among: string[]): void {
    this.#shared.set(address, among);
  }

  listen(address: string, listener: Listener): () => void {
    const others = this.#listeners.get(address) ?? [];
    this.#listeners.set(address, [...others, listener]);
    const stop = () => {
      const left = (this.#listeners.get(address) ?? []).filter((one) => one !== listener);
      this.#listeners.set(address, left);
      listener.owner.ends.delete(stop);
    };
    listener.owner.ends.add(stop);
    return stop;
  }

  /** @returns the client's end; `connected` or `refused` is called in the client's context */
  connect(from: Process, address: string, client: Endpoint, connected: () => void, refused: () => void): End {
    const to = this.#resolve(address);
    const host = this.#hosts.get(to);
    const link: Link = {
      network: this,
      name: `${from.name}>${to.replace(/:\d+$/, '')}`,
      kind: host?.kind ?? 'http',
      describe: host?.describe.bind(host) ?? describeHttp,
      client: undefined as unknown as End,
      server: undefined,
      isGhost: false,
    };
    link.client = new End(link, true, from);
    link.client.endpoint = client;
    this.world.after(this.#latencyMs(link.name), from, () => {
      if (!link.client.isOpen) return;
      if (this.#accept(link, to)) return connected();
      link.client.isOpen = false;
      refused();
    });
    return link.client;
  }

  #resolve(address: string): string {
    const among = this.#shared.get(address);
    if (!among) return address;
    const living = among.filter((one) => (this.#listeners.get(one) ?? []).length > 0);
    const list = living.length > 0 ? living : among;
    return list[Math.floor(this.world.draw(`balance ${address}`) * list.length)] as string;
  }

  #accept(link: Link, to: string): boolean {
    const host = this.#hosts.get(to);
    const listener = this.#listeners.get(to)?.[0];
    if (!host && !listener) return false;
    const end = new End(link, false, listener?.owner);
    link.server = end;
    end.endpoint = host ? host.accept(end) : this.world.inside(listener?.owner, () => listener?.accept(end));
    if (!end.endpoint) {
      end.isOpen = false;
      return false;
    }
    return true;
  }

  #latencyMs(name: string): number {
    return 0.1 - 0.3 * Math.log(1 - this.world.draw(`latency ${name}`));
  }

  /** Takes a message to the other end, or does to it what a fault says. */
  pass(from: End, bytes: Buffer): void {
    const { link, peer } = from;
    const { world } = this;
    if (!peer) return;
    const isReply = !from.isClient;
    const direction = isReply ? `${link.name} reply` : link.name;
    const what = link.describe(bytes, isReply);
    let delayMs = this.#latencyMs(direction);
    if (what !== '') {
      const name = `${direction}: ${what}`;
      const point = `${name} #${world.count(name)}`;
      const passage = { point, kind: link.kind, isReply, what, bytes, link, sender: from.owner, receiver: peer.owner };
      const fault = link.isGhost ? undefined : this.faultOf(passage);
      if (fault) world.note(`${point}  ${inWords(fault)}`, true);
      else if (link.kind === 'http') world.note(point);
      else world.trace(point);
      if (fault && this.#stops(from, fault, delayMs)) return;
      if (fault?.kind === 'delay') delayMs += fault.delayMs ?? 0;
      if (fault?.kind === 'duplicate') this.#again(link, bytes, fault.delayMs ?? 0);
    }
    from.arrivesMs = Math.max(from.arrivesMs, world.nowMs + delayMs);
    world.after(from.arrivesMs - world.nowMs, peer.owner, () => {
      if (peer.isOpen) peer.endpoint?.receive(bytes);
    });
  }

  /** @returns true if the message never arrives */
  #stops(from: End, { kind }: MessageFault, delayMs: number): boolean {
    const { link, owner, peer } = from;
    const receiver = peer.owner;
    if (kind === 'kill-sender' && owner) this.world.kill(owner);
    else if (kind === 'kill-receiver' && receiver)
      this.world.after(delayMs, undefined, () => this.world.kill(receiver));
    else if (kind === 'lose') {
      link.client.lose();
      link.server?.lose();
    } else return false;
    return true;
  }

  /** The same request once more, at this replica or another, as of a proxy that tries again. Its answer reaches nobody. */
  #again(link: Link, bytes: Buffer, delayMs: number): void {
    const [first = ''] = [...this.#listeners].find(([, list]) => list[0]?.owner === link.server?.owner) ?? [];
    const [port] = /:\d+$/.exec(first) ?? [];
    if (port === undefined) return;
    this.world.after(delayMs, undefined, () => {
      const replicas = [...this.#listeners].filter(([to, list]) => to.endsWith(port) && list.length > 0);
      const [to] = replicas[Math.floor(this.world.draw(`copy ${link.name}`) * replicas.length)] ?? [];
      if (to === undefined) return;
      const name = `${link.name.replace(/>.*/, '')}>${to.replace(port, '')}`;
      const ghost: Link = { ...link, name, isGhost: true, server: undefined };
      ghost.client = new End(ghost, true, undefined);
      ghost.client.endpoint = { receive: () => {}, ended: () => {}, lost: () => {} };
      if (this.#accept(ghost, to)) ghost.client.send(bytes);
    });
  }
}

function inWords({ kind, delayMs = 0 }: MessageFault): string {
  switch (kind) {
    case 'lose':
      return 'IS LOST, and its connection';
    case 'delay':
      return `IS LATE by ${Math.round(delayMs)} ms`;
    case 'duplicate':
      return `COMES AGAIN ${Math.round(delayMs)} ms later`;
    case 'kill-sender':
      return 'ITS SENDER DIES before it leaves';
    case 'kill-receiver':
      return 'ITS RECEIVER DIES as it arrives';
  }
}

/** The first line of a request or an answer, without ids; empty for what follows it. */
function describeHttp(bytes: Buffer, isReply: boolean): string {
  const line = bytes.subarray(0, 200).toString('latin1').split('\r\n', 1)[0] ?? '';
  if (isReply) return /^HTTP\/1\.1 (\d+)/.exec(line)?.[1] ?? 'more';
  const [, method, path] = /^([A-Z]+) (\S+) HTTP/.exec(line) ?? [];
  if (!method || !path) return '';
  const bare = path.split('?', 1)[0]?.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id');
  const ops = [...bytes.toString('latin1').matchAll(/"op":"(\w+)"/g)].map(([, op]) => op);
  return `${method} ${bare}${ops.length > 0 ? ` ${ops.join(' ')}` : ''}`;
}
