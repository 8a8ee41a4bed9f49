import { describe, expect, it } from 'vitest';
import { isLoud, levelOf, readableLine } from '../src/commands/log-line.ts';
import { LineSplitter } from '../src/home/line-splitter.ts';

describe('a log line on the terminal', () => {
  it('is level, message and fields; what every line repeats is left out', () => {
    const line =
      '{"level":"info","time":"2026-01-01","service":"order-service","order_id":"o1","attempt":2,"msg":"settled"}';
    expect(readableLine(line)).toEqual({ level: 'info', text: 'INFO  settled order_id=o1 attempt=2' });
  });

  it('does not say a field that the message says', () => {
    const line =
      '{"level":30,"method":"POST","path":"/api/orders","status":201,"duration_ms":9,"msg":"POST /api/orders 201"}';
    expect(readableLine(line).text).toBe('INFO  POST /api/orders 201 duration_ms=9');
  });

  it('shows the stack of an error below it', () => {
    const line = '{"level":50,"err":{"message":"boom","stack":"Error: boom\\n    at x"},"msg":"failed"}';
    expect(readableLine(line)).toEqual({ level: 'error', text: 'ERROR failed\nError: boom\n    at x' });
  });

  it('cuts a long field', () => {
    const { text } = readableLine(JSON.stringify({ level: 30, msg: 'm', body: 'x'.repeat(500) }));
    expect(text.length).toBeLessThan(150);
  });

  it('stays as it is when it is no JSON log line', () => {
    for (const line of ['plain', '{"level":30,', '{"a":1}', '']) {
      expect(readableLine(line)).toEqual({ level: undefined, text: line });
    }
  });
});

describe('without VALERIX_VERBOSE', () => {
  it.each([
    ['{"level":20,"msg":"x"}', false],
    ['{"level":30,"msg":"x"}', false],
    ['{"level":"info","msg":"x"}', false],
    ['{"level":40,"msg":"x"}', true],
    ['{"level":"warn","msg":"x"}', true],
    ['{"level":60,"msg":"x"}', true],
    ['    at main.ts:3', true],
  ])('%s is shown: %s', (line, loud) => {
    expect(isLoud(line)).toBe(loud);
  });

  it('levels are known by number and by name', () => {
    expect(['{"level":10}', '{"level":"TRACE"}', '{"level":35}', '{"level":"odd"}'].map(levelOf)).toEqual([
      'trace',
      'trace',
      'info',
      undefined,
    ]);
  });
});

describe('lines out of chunks', () => {
  const split = (...chunks: (string | Buffer)[]): string[] => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (const chunk of chunks) splitter.push(Buffer.from(chunk as string));
    splitter.end();
    return lines;
  };

  it('a line in pieces is put together, a last one without its end is kept', () => {
    expect(split('on', 'e\ntwo\nth', 'ree')).toEqual(['one', 'two', 'three']);
  });

  it('a character cut in two survives', () => {
    const bytes = Buffer.from('é\n');
    expect(split(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['é']);
  });

  it('a line that never ends does not grow for ever', () => {
    const lines = split('x'.repeat(100_000), 'y\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(64 * 1024);
  });
});
