import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PageStream } from '../src/browser/page-stream.ts';

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

const tab = Object.assign(new EventTarget(), { hidden: false });
const see = (seen: boolean) => {
  tab.hidden = !seen;
  tab.dispatchEvent(new Event('visibilitychange'));
};
/** The server answers with an error, after which a browser does not reconnect by itself. */
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
  it('opens no connection in a tab that was never visible', () => {
    tab.hidden = true;
    start();
    expect(open()).toBe(0);
    see(true);
    expect(open()).toBe(1);
  });

  it('is closed by a tab that stays hidden, and reopened when the tab is visible', () => {
    start();
    see(false);
    vi.advanceTimersByTime(29_000);
    expect(open()).toBe(1);
    vi.advanceTimersByTime(2_000);
    expect(open()).toBe(0);
    see(true);
    expect(open()).toBe(1);
  });

  it('reopens in a visible tab after the server refused it while the tab was hidden', () => {
    start();
    see(false);
    vi.advanceTimersByTime(10_000);
    refuse();
    vi.advanceTimersByTime(10_000);
    see(true);
    vi.advanceTimersByTime(60_000);
    expect(open()).toBe(1);
  });

  it('reconnects after a silence, even if the browser reports no loss', () => {
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

  it('reconnects after the server refused it', () => {
    start();
    refuse();
    expect(open()).toBe(0);
    vi.advanceTimersByTime(2_000);
    expect(open()).toBe(1);
  });
});
