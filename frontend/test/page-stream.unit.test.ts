import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PageStream } from '../src/browser/page-stream.ts';
import { type Join, type Port, SharedStreams, type Told } from '../src/browser/shared-streams.ts';

/** The part of a browser's EventSource that the stream uses. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static readonly open = new Set<FakeSource>();
  readyState = 1;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    FakeSource.open.add(this);
  }
  close(): void {
    this.readyState = FakeSource.CLOSED;
    FakeSource.open.delete(this);
  }
}

const open = () => FakeSource.open.size;
const send = (name: string, data = '{}') => {
  for (const source of FakeSource.open) source.dispatchEvent(new MessageEvent(name, { data }));
};
/** The server answers with an error, after which a browser does not reconnect by itself. */
const refuse = () => {
  for (const source of FakeSource.open) {
    source.close();
    source.onerror?.();
  }
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeSource);
});
afterEach(() => {
  for (const source of FakeSource.open) source.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the streams of a browser', () => {
  const LIVE: Join = { path: '/api/live', poll: '/api/live/now', events: ['snapshot', 'second'] };
  const RUN: Join = { path: '/api/gamedays/1/stream', poll: '/api/gamedays/1', events: ['snapshot', 'progress'] };
  let streams: SharedStreams;
  const page = (join: Join) => {
    const told: Told[] = [];
    const port: Port = { onmessage: null, postMessage: (one) => told.push(one), close: () => undefined };
    streams.connect(port);
    const say = (data: Join | 'here' | 'leave') => port.onmessage?.({ data });
    say(join);
    return { told, say };
  };
  beforeEach(() => {
    streams = new SharedStreams();
    vi.stubGlobal('fetch', async () => new Response('{"now":1}'));
  });

  it('take one connection per stream for any number of pages, and close it after the last page', () => {
    const pages = Array.from({ length: 7 }, () => page(LIVE));
    const run = page(RUN);
    expect(open()).toBe(2);
    send('second', '{"n":1}');
    for (const one of pages) expect(one.told).toContainEqual(['second', '{"n":1}']);
    for (const one of pages) one.say('leave');
    expect(open()).toBe(1);
    run.say('leave');
    expect(open()).toBe(0);
  });

  it('give a page that joins later the present state', async () => {
    const first = page(LIVE);
    send('snapshot', '{"first":1}');
    const later = page(LIVE);
    await vi.advanceTimersByTimeAsync(1);
    expect(later.told).toEqual([['snapshot', '{"now":1}']]);
    expect(first.told).toEqual([['snapshot', '{"first":1}']]);
  });

  it('forget a page that died without a word, and keep one that says it is here', () => {
    page(LIVE);
    const alive = page(RUN);
    for (let second = 0; second < 60; second += 10) {
      alive.say('here');
      send('progress');
      vi.advanceTimersByTime(10_000);
    }
    expect(streams.open).toBe(1);
    expect(open()).toBe(1);
  });

  it('tell the pages of a loss, and connect again after a refusal', () => {
    const one = page(LIVE);
    refuse();
    expect(one.told).toEqual([null]);
    expect(open()).toBe(0);
    vi.advanceTimersByTime(2_000);
    expect(open()).toBe(1);
  });

  it('connect again after a silence, even if the browser reports no loss', () => {
    const one = page(LIVE);
    const [first] = FakeSource.open;
    for (let second = 0; second < 60; second++) {
      one.say('here');
      send('second');
      vi.advanceTimersByTime(1_000);
    }
    expect([...FakeSource.open]).toEqual([first]);
    vi.advanceTimersByTime(15_000);
    expect(open()).toBe(1);
    expect(FakeSource.open).not.toContain(first);
  });
});

describe('a page without a shared worker', () => {
  const tab = Object.assign(new EventTarget(), { hidden: false });
  const see = (seen: boolean) => {
    tab.hidden = !seen;
    tab.dispatchEvent(new Event('visibilitychange'));
  };
  let reads: number;
  let fail: boolean;
  let got: unknown[];
  let stream: PageStream | undefined;
  const start = () => {
    const on = { snapshot: (data: unknown) => got.push(data) };
    stream = new PageStream({ path: '/api/live', poll: '/api/live/now', on, onLost: () => got.push('lost') });
  };
  beforeEach(() => {
    [reads, fail, got] = [0, false, []];
    tab.hidden = false;
    vi.stubGlobal('document', tab);
    vi.stubGlobal('window', new EventTarget());
    vi.stubGlobal('fetch', async () => {
      reads += 1;
      return new Response(`{"n":${reads}}`, { status: fail ? 503 : 200 });
    });
  });
  afterEach(() => stream?.close());

  it('polls, and says when it gets no answer', async () => {
    start();
    await vi.advanceTimersByTimeAsync(2_100);
    expect(got).toEqual([{ n: 1 }, { n: 2 }]);
    fail = true;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(got.at(-1)).toBe('lost');
    fail = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(got.at(-1)).toEqual({ n: 4 });
  });

  it('asks nothing in a tab that was never visible, or stays hidden', async () => {
    tab.hidden = true;
    start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reads).toBe(0);
    see(true);
    await vi.advanceTimersByTimeAsync(100);
    expect(reads).toBe(1);
    see(false);
    await vi.advanceTimersByTimeAsync(31_000);
    const before = reads;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(reads).toBe(before);
    see(true);
    await vi.advanceTimersByTimeAsync(100);
    expect(reads).toBe(before + 1);
  });

  it('stops when it is closed', async () => {
    start();
    await vi.advanceTimersByTimeAsync(100);
    stream?.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads).toBe(1);
  });
});
