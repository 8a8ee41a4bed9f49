import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { End, Endpoint, Network } from './network.ts';
import { presentWorld } from './world.ts';

/** The network of the world that runs now. */
let present: Network | undefined;
export const useNetwork = (network: Network | undefined): void => {
  present = network;
};

/** What the world adds to a socket of Node's. */
type Wired = net.Socket &
  Duplex & {
    connecting: boolean;
    _peername: object;
    _write: Duplex['_write'];
    _writev: unknown;
    silence?: { ms: number; timer: NodeJS.Timeout | undefined };
  };

/** Lets every socket and server of this thread talk over the world's network. */
export function replaceSockets(): void {
  const { connect, setTimeout: setSilence } = net.Socket.prototype;
  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
    if (!present || !presentWorld()) return (connect as (...args: unknown[]) => net.Socket).apply(this, args);
    return connectOver(present, this as Wired, ...targetOf(args));
  } as typeof connect;
  net.Socket.prototype.setTimeout = function (this: Wired, ms: number, onTimeout?: () => void) {
    if (!this.silence) return setSilence.call(this, ms, onTimeout);
    if (onTimeout) this.once('timeout', onTimeout);
    clearTimeout(this.silence.timer);
    this.silence = { ms, timer: undefined };
    touch(this);
    return this;
  } as typeof setSilence;
  replaceListening();
}

/** @returns the address, and who is told of the connection */
function targetOf(args: unknown[]): [address: string, onConnect: (() => void) | undefined] {
  const given = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  const callback = given.find((one) => typeof one === 'function') as (() => void) | undefined;
  const [first, second] = given;
  const { port, host } =
    typeof first === 'object' && first !== null
      ? (first as { port: number | string; host?: string })
      : { port: first as number, host: second as string };
  return [`${host ?? 'localhost'}:${port}`, callback];
}

function connectOver(network: Network, socket: Wired, address: string, onConnect?: () => void): net.Socket {
  const process = network.world.process;
  if (!process) throw new Error(`a connection to ${address} belongs to no process`);
  if (onConnect) socket.once('connect', onConnect);
  socket.connecting = true;
  const held: (() => void)[] = [];
  const end: End = network.connect(
    process,
    address,
    endpointOf(socket),
    () => {
      socket.connecting = false;
      for (const write of held) write();
      socket.emit('connect');
      socket.emit('ready');
      socket.read(0);
    },
    () => socket.destroy(refusal(address)),
  );
  wire(socket, end, held);
  return socket;
}

function refusal(address: string): Error {
  const [host, port] = address.split(':');
  const error = new Error(`connect ECONNREFUSED ${address}`);
  return Object.assign(error, { code: 'ECONNREFUSED', syscall: 'connect', address: host, port: Number(port) });
}

/** Makes a socket send to `end` what is written to it. */
function wire(socket: Wired, end: End, held: (() => void)[] = []): void {
  socket.silence = { ms: 0, timer: undefined };
  socket._peername = { address: '127.0.0.1', family: 'IPv4', port: 1 };
  const send = (bytes: Buffer) => {
    touch(socket);
    end.send(bytes);
  };
  socket._write = (chunk: Buffer | string, encoding, done) => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk);
    if (socket.connecting) held.push(() => send(bytes));
    else send(bytes);
    done();
  };
  socket._writev = (chunks: { chunk: Buffer | string; encoding: BufferEncoding }[], done: () => void) => {
    const parts = chunks.map(({ chunk, encoding }) =>
      typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk,
    );
    socket._write(Buffer.concat(parts), 'utf8', done);
  };
  socket._read = () => {};
  // Without a handle, each call would wait for a connection.
  socket.ref = () => socket;
  socket.unref = () => socket;
  socket._final = (done) => {
    if (socket.connecting) held.push(() => end.finish());
    else end.finish();
    done();
  };
  socket._destroy = (error, done) => {
    socket.connecting = false;
    clearTimeout(socket.silence?.timer);
    end.cut();
    done(error);
    process.nextTick(() => socket.emit('close', error !== null));
  };
}

function endpointOf(socket: Wired): Endpoint {
  return {
    receive(bytes) {
      touch(socket);
      if (!socket.destroyed) socket.push(bytes);
    },
    ended() {
      if (!socket.destroyed) socket.push(null);
      socket.read(0);
    },
    lost() {
      const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
      if (!socket.destroyed) socket.destroy(error);
    },
  };
}

/** Something came or went: its silence begins anew. */
function touch(socket: Wired): void {
  const { silence } = socket;
  if (!silence) return;
  clearTimeout(silence.timer);
  silence.timer = silence.ms > 0 ? setTimeout(() => socket.emit('timeout'), silence.ms) : undefined;
}

interface Listening {
  _handle: unknown;
}

function replaceListening(): void {
  const { listen, address } = net.Server.prototype;
  const ports = new WeakMap<net.Server, number>();
  net.Server.prototype.listen = function (this: net.Server & Listening, ...args: unknown[]) {
    const network = present;
    const world = presentWorld();
    if (!network || !world?.process) return (listen as (...args: unknown[]) => net.Server).apply(this, args);
    const owner = world.process;
    const port = typeof args[0] === 'object' ? (args[0] as { port: number }).port : (args[0] as number);
    ports.set(this, port);
    const accept = (end: End): Endpoint => {
      const socket = new net.Socket({ allowHalfOpen: true }) as Wired;
      wire(socket, end);
      this.emit('connection', socket);
      socket.read(0);
      return endpointOf(socket);
    };
    const stop = network.listen(`${owner.name}:${port}`, { owner, accept });
    this._handle = {
      close: (done?: () => void) => {
        stop();
        done?.();
      },
      ref: () => {},
      unref: () => {},
    };
    process.nextTick(() => {
      this.emit('listening');
      stopCheckingConnections(this);
    });
    return this;
  } as typeof listen;
  net.Server.prototype.address = function (this: net.Server) {
    const port = ports.get(this);
    return port === undefined ? address.call(this) : { address: '0.0.0.0', family: 'IPv4', port };
  };
}

/** Node looks every 30 s for slow requests, by the real clock, as long as the server is not closed. A process that dies closes none. */
function stopCheckingConnections(server: net.Server): void {
  const symbols = Object.getOwnPropertySymbols(server);
  const interval = symbols.find(({ description }) => description?.includes('connectionsCheckingInterval'));
  if (interval) (server as unknown as Record<symbol, NodeJS.Timeout | null>)[interval]?.close();
}
