import { afterEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/cli.ts';
import { howToInstall } from '../src/machine/tools.ts';

afterEach(() => vi.restoreAllMocks());

const COMMANDS = ['up', 'status', 'stop', 'logs', 'reset', 'halt', 'redrive', 'deps'];

function printed(stream: 'log' | 'error') {
  const spy = vi.spyOn(console, stream).mockImplementation(() => {});
  return () => spy.mock.calls.flat().join('\n');
}

describe('the command line', () => {
  it.each([[[]], [['bogus']], [['up', '--bogus']], [['up', 'extra']], [['stop', 'now']], [['logs', 'redis', 'x']]])(
    '%j is answered with the usage and exit code 2',
    async (argv) => {
      const error = printed('error');
      expect(await main(argv)).toBe(2);
      expect(error()).toContain('Usage:');
    },
  );

  it.each(['up', 'status', 'stop', 'reset', 'halt', 'redrive', 'deps'])(
    '%s --no-follow is refused: only logs follows',
    async (name) => {
      const error = printed('error');
      expect(await main([name, '--no-follow'])).toBe(2);
      expect(error()).toContain("unknown option '--no-follow'");
    },
  );

  it('--help lists every command', async () => {
    const log = printed('log');
    expect(await main(['--help'])).toBe(0);
    for (const name of COMMANDS) expect(log()).toContain(name);
  });

  it.each(COMMANDS)('%s --help explains it and does nothing', async (name) => {
    const log = printed('log');
    expect(await main([name, '--help'])).toBe(0);
    expect(log()).toMatch(new RegExp(`^${name}: `, 'm'));
  });
});

it('a missing Redis is one sentence with the command for macOS and Linux', () => {
  expect(howToInstall('redis')).toBe(
    'No redis-server or valkey-server on PATH: install it with "brew install redis" (macOS) or ' +
      '"sudo apt-get install redis-server" (Debian, Ubuntu), or set REDIS_URL to use a server of your own.',
  );
});
