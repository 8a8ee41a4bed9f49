import { once } from 'node:events';
import { get, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { createHttpServer } from '../src/http-process.ts';

const ARRIVAL_MS = 1_000;

it('a request whose body does not arrive gives its place up, and a long answer is not cut', async () => {
  const open: ServerResponse[] = [];
  const server = createHttpServer((_req, res) => void open.push(res), ARRIVAL_MS).listen(0, '127.0.0.1');
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const following = once(get({ port, agent: false }), 'response');
  await eventually(async () => expect(open).toHaveLength(1));
  open[0]?.write('first');
  const [answer] = await following;

  const slow = connect(port, '127.0.0.1');
  slow.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n12345');
  const [head] = await once(slow.setEncoding('utf8'), 'data');
  expect(head).toContain('408 Request Timeout');
  await eventually(async () => expect(open[1]?.closed).toBe(true));

  open[0]?.end(' and last');
  expect((await answer.setEncoding('utf8').toArray()).join('')).toBe('first and last');
});
