import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as SocketServer } from 'node:net';

/**
 * Listening sockets of a process. In a turn of the event loop, libuv accepts one connection from each: a busy process with one
 * socket accepts some fifty clients a second, and the others wait in the kernel, where no limit of ours can refuse them.
 */
const DOORS = 32;
/**
 * Connections that may wait behind each door; Linux allows 4,096. With Node's default of 511, the kernel drops the others, and their
 * clients try again after 1 s.
 */
const BACKLOG = 4_096;

/**
 * Listens on a port through many sockets, whose connections all reach `server`. Only Linux spreads connections over the sockets of a
 * port; elsewhere there is one.
 * @returns the sockets; each must be closed
 * @throws EADDRINUSE when another process has the port
 */
export async function openDoors(server: Server, port: number, host: string): Promise<SocketServer[]> {
  const listen = async (door: SocketServer, at: number, reusePort: boolean) => {
    door.listen({ port: at, host, backlog: BACKLOG, reusePort });
    await once(door, 'listening');
    return (door.address() as AddressInfo).port;
  };
  if (process.platform !== 'linux') {
    await listen(server, port, false);
    return [server];
  }
  // A second process could share such a port as well, so first take it alone, which fails if another process has it.
  const probe = createServer();
  const free = await listen(probe, port, false);
  probe.close();
  await once(probe, 'close');
  const more = Array.from({ length: DOORS - 1 }, () =>
    createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket)),
  );
  const doors = [server, ...more];
  await Promise.all(doors.map((door) => listen(door, free, true)));
  return doors;
}

/** Stops accepting. Resolves when the connections of all doors have ended. */
export async function closeDoors(doors: readonly SocketServer[]): Promise<void> {
  await Promise.all(
    doors.map(
      (door) =>
        new Promise<void>((resolve, reject) => {
          door.close((error) => (error ? reject(error) : resolve()));
        }),
    ),
  );
}
