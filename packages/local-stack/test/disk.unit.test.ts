import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHome, type Home } from '../src/home/home.ts';
import { LogFile } from '../src/home/log-file.ts';
import { readRecords, removeRecord, writeRecord } from '../src/home/run-record.ts';

let home: Home;
const notices: string[] = [];
const line = (text: string) => Buffer.from(`${text}\n`);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  home = createHome(mkdtempSync(join(tmpdir(), 'valerix-test-')));
  notices.length = 0;
  home.disk.onNotice = (text) => void notices.push(text);
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(home.path, { recursive: true, force: true });
});

describe('a disk that refuses writes', () => {
  it.skipIf(process.platform !== 'linux')(
    'is reported once for all files while it is full, and once when it takes writes again',
    () => {
      const paths = ['a', 'b'].map((name) => join(home.logs, `${name}.log`));
      for (const path of paths) symlinkSync('/dev/full', path);
      const logs = paths.map((path) => new LogFile(path, home.disk));
      for (let n = 0; n < 10; n++) {
        for (const log of logs) log.write(line(`lost ${n}`));
        vi.advanceTimersByTime(1_000);
      }
      expect(notices).toEqual([expect.stringMatching(/^cannot write .*a\.log \(ENOSPC.*\); going on/)]);

      for (const path of paths) rmSync(path);
      for (const log of logs) log.write(line('kept'));
      vi.advanceTimersByTime(10_000);
      expect(notices.slice(1)).toEqual(['its files can be written again']);
      for (const path of paths) {
        expect(readFileSync(path, 'utf8')).toMatch(/^\n\(Lines are missing here.*\)\nkept\n$/);
      }
      for (const log of logs) log.close();
    },
  );

  it('gets the latest state of a process once it takes writes again', () => {
    rmSync(home.run, { recursive: true });
    writeFileSync(home.run, 'no folder');
    const record = { name: 'order-service', port: 1, restarts: 0 };
    writeRecord(home, { ...record, state: 'running' });
    writeRecord(home, { ...record, state: 'stopped' });
    writeRecord(home, { ...record, name: 'redis', state: 'running' });
    removeRecord(home, 'redis');
    rmSync(home.run);
    vi.advanceTimersByTime(1_000);
    expect(readRecords(home)).toEqual([{ ...record, state: 'stopped' }]);
  });

  it('gets no log beyond its bound when the full log cannot be renamed', () => {
    const path = join(home.logs, 'x.log');
    const log = new LogFile(path, home.disk);
    mkdirSync(`${path}.1`);
    for (let n = 0; n < 25; n++) log.write(Buffer.alloc(1024 * 1024, 'a'));
    expect(readFileSync(path).length).toBeLessThanOrEqual(11 * 1024 * 1024);
    expect(notices).toHaveLength(1);
    log.close();
  });
});
