import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PageStream } from '../src/browser/page-stream.ts';

/** As much of a browser's as the stream uses. */
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

const tab = Object.assign(new EventTarget(), { hidden: false });
const see = (seen: boolean) => {
  tab.hidden = !seen;
  tab.dispatchEvent(new Event('visibilitychange'));
};
/** The server answers with an error, after which a browser does not try again by itself. */
const refuse = () => {
  for (const source of FakeSource.open) {
    source.close();
    source.onerror?.();
  }
};
const open = () => FakeSource.open.size;
let stream: PageStream | undefined;
const start = () => {
  stream = new PageStream({ path: '/api/live', on: { second: () => undefined }, onLost: () => undefined });
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', tab);
  vi.stubGlobal('EventSource', FakeSource);
  tab.hidden = false;
});
afterEach(() => {
  stream?.close();
  expect(open()).toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the stream of a page', () => {
  it('takes none of the browser’s connections in a tab that was never seen', () => {
    tab.hidden = true;
    start();
    expect(open()).toBe(0);
    see(true);
    expect(open()).toBe(1);
  });

  it('is given back by a tab that is hidden for long, and comes back when it is seen', () => {
    start();
    see(false);
    vi.advanceTimersByTime(29_000);
    expect(open()).toBe(1);
    vi.advanceTimersByTime(2_000);
    expect(open()).toBe(0);
    see(true);
    expect(open()).toBe(1);
  });

  it('goes on in a tab that is seen again after the server had refused it while it was hidden', () => {
    start();
    see(false);
    vi.advanceTimersByTime(10_000);
    refuse();
    vi.advanceTimersByTime(10_000);
    see(true);
    vi.advanceTimersByTime(60_000);
    expect(open()).toBe(1);
  });

  it('is made again when nothing comes any more, though nobody said that it was lost', () => {
    start();
    const [first] = FakeSource.open;
    for (let second = 0; second < 60; second++) {
      first?.dispatchEvent(new MessageEvent('second', { data: '{}' }));
      vi.advanceTimersByTime(1_000);
    }
    expect([...FakeSource.open]).toEqual([first]);
    vi.advanceTimersByTime(15_000);
    expect(open()).toBe(1);
    expect(FakeSource.open).not.toContain(first);
  });

  it('is made again after the server refused it', () => {
    start();
    refuse();
    expect(open()).toBe(0);
    vi.advanceTimersByTime(2_000);
    expect(open()).toBe(1);
  });
});
