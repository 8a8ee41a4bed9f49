import { perService } from '@valerix/system';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Replicas } from '../src/server/replicas.ts';
import { until } from './serve.ts';

let known: Record<string, string[]>;
let asked: string[];
let down: Set<string>;
let replicas: Replicas;

const look = async (host: string) => {
  asked.push(host);
  const found = known[host];
  if (!found) throw new Error('ENOTFOUND');
  return found;
};

function follow(url: string, replicaUrl = url): Replicas {
  const [urls, replicaUrls] = [url, replicaUrl].map((text) => perService(() => text.split(',')));
  replicas = new Replicas({ urls, replicaUrls } as never, (one) => down.has(one), {
    look,
    everyMs: 50,
  });
  replicas.start();
  return replicas;
}
const found = (...urls: string[]) => until('they are found', () => replicas.all('order').join() === urls.join());

beforeEach(() => {
  [known, asked, down] = [{}, [], new Set()];
});
afterEach(() => replicas.stop());

describe('the replicas of a service', () => {
  it('are the addresses of a name that has several, and follow it; a failed lookup changes nothing', async () => {
    known = { order: ['10.0.0.2', '10.0.0.1'] };
    follow('http://order:3001');
    expect(replicas.all('order')).toEqual(['http://order:3001']);
    await found('http://10.0.0.1:3001', 'http://10.0.0.2:3001');
    known = {};
    const before = asked.length;
    await until('it is looked up again', () => asked.length > before + 1);
    expect(replicas.all('order')).toHaveLength(2);
    known = { order: ['10.0.0.3', '10.0.0.1', '10.0.0.2'] };
    await found('http://10.0.0.1:3001', 'http://10.0.0.2:3001', 'http://10.0.0.3:3001');
    // A single process keeps its name: its successor is the same replica, restarted.
    known = { order: ['10.0.0.9'] };
    await found('http://order:3001');
  });

  it('are no more than the addresses given, when these need no lookup or are for TLS', async () => {
    known = { order: ['10.0.0.1', '10.0.0.2'], v6: ['fd00::1', 'fd00::2'] };
    const fixed = ['http://127.0.0.1:1', 'http://[::1]:2', 'https://order:3'];
    follow([...fixed, 'http://v6:4'].join());
    await found(...fixed, 'http://[fd00::1]:4', 'http://[fd00::2]:4');
    expect(new Set(asked)).toEqual(new Set(['v6']));
  });

  it('behind a balancer are read one by one, and requests take the balancer', async () => {
    known = { balancer: ['10.1.0.1'], pods: ['10.0.0.1', '10.0.0.2'] };
    follow('http://balancer:1', 'http://pods:1');
    await found('http://10.0.0.1:1', 'http://10.0.0.2:1');
    expect(replicas.forRequest(['order'])).toEqual(['http://balancer:1']);
  });
});

describe('a request', () => {
  const [a, b, c] = ['http://127.0.0.1:1', 'http://127.0.0.1:2', 'http://127.0.0.1:3'] as const;

  it('goes to the replicas in turn, and to one that is down only when all others refuse', () => {
    follow([a, b, c].join());
    const first = () => replicas.forRequest(['order'])[0];
    expect([first(), first(), first(), first()]).toEqual([a, b, c, a]);
    down.add(b);
    expect(replicas.forRequest(['order'])).toEqual([c, a, b]);
    expect([first(), first(), first()].includes(b)).toBe(false);
    for (const one of [a, c]) down.add(one);
    expect(replicas.forRequest(['order'])).toHaveLength(3);
  });

  it('that any service can answer goes to the first service with a process that is up', () => {
    follow(a);
    expect(replicas.forRequest(['inventory', 'order'])).toEqual([a, a]);
  });

  it('that concerns one process stays with it while it is up', () => {
    follow([a, b].join());
    expect([replicas.one('order'), replicas.one('order')]).toEqual([a, a]);
    down.add(a);
    expect(replicas.one('order')).toBe(b);
    down.add(b);
    expect(replicas.one('order')).toBe(a);
  });
});
