import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHome } from '@valerix/local-stack/home/home';
import { lockHome } from '@valerix/local-stack/home/home-lock';
import { recordOf } from '@valerix/system';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/cli.ts';
import { checkCommand } from '../src/commands/check.ts';
import { numberOf } from '../src/commands/flags.ts';
import { describe as describeProgress } from '../src/progress-line.ts';
import { Tally } from '../src/runner/tally.ts';
import { attachTarget } from '../src/targets/attached-target.ts';
import { ADDRESS_VARIABLES, DATABASE_VARIABLES } from '../src/targets/stack-env.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

let said: string[] = [];
beforeEach(() => {
  said = [];
  for (const method of ['log', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((text) => void said.push(text));
});
afterEach(() => void vi.restoreAllMocks());

describe('the command line', () => {
  it('should help, and list the experiments', async () => {
    expect(await main(['--help'])).toBe(0);
    expect(said.join('\n')).toContain('Exit codes: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3');
    expect(await main(['list'])).toBe(0);
    expect(said.join('\n')).toContain('flash-sale');
  });

  it.each([
    ['run', '--write-baseline', 'undo-order'],
    ['matrix', 'undo-order', '--write-baseline'],
    ['validate', 'network swallow PERCENT', 'undo-order'],
  ])('should show with %s --help what this command takes, and nothing else', async (name, shown, hidden) => {
    expect(await main([name, '--help'])).toBe(0);
    expect(said.join('\n')).toContain(shown);
    expect(said.join('\n')).not.toContain(hidden);
  });

  it.each([[[]], [['explode']], [['run']], [['run', '--wrong']]])('should end with 3 for %j', async (argv) => {
    expect(await main(argv)).toBe(3);
  });

  it.each([
    [['matrix', 'retry', '--rate', '4'], "unknown option '--rate'"],
    [['run', 'mix', '--running'], "unknown option '--running'"],
    [['check', 'everything'], 'too many arguments'],
    [['list', '--seed', '7'], "unknown option '--seed'"],
  ])('should refuse %j instead of ignoring a part of it', async (argv, problem) => {
    expect(await main(argv)).toBe(3);
    expect(said[0]).toContain(problem);
  });

  it.each([
    [['--attach', '--target', 'kubernetes'], /--attach is not for --target kubernetes/],
    [['--namespace', 'valerix'], /--namespace is for --target kubernetes/],
    [['--yes'], /--yes answers the question of --attach/],
    [['--write-baseline'], /--write-baseline needs --baseline FILE/],
    [['--baseline', '/nowhere/baseline.json'], /has no "mix"; run it with --write-baseline first/],
  ])('should refuse %j, which do not go together', async (flags, problem) => {
    await expect(main(['run', 'mix', ...flags])).rejects.toThrow(problem);
  });

  it('should refuse a number that is none, before anything is started', async () => {
    await expect(main(['run', 'mix', '--rate', 'fast'])).rejects.toThrow(/--rate must be a number from 0\.01 to 5000/);
    await expect(main(['run', 'mix', '--target', 'moon'])).rejects.toThrow(/no target "moon"/);
  });

  it.each([
    ['seed', '1.5', /^--seed must be a whole number from 0 to 4294967295, not "1\.5"\.$/],
    ['seed', '', /--seed must be a whole number/],
    ['duration', '0.5', /--duration must be a number from 1 to 86400/],
    ['rate', '5001', /--rate must be a number from 0\.01 to 5000/],
  ] as const)('should refuse --%s %s, which no experiment could say either', (flag, text, problem) => {
    expect(() => numberOf(text, flag)).toThrow(problem);
  });

  it('should take every seed that an experiment may have', () => {
    for (const seed of [0, 4_294_967_295]) expect(numberOf(String(seed), 'seed')).toBe(seed);
  });

  it('takes a duration in hours, minutes or seconds', () => {
    const durations = ['2h', '15m', '90 s', '90', '1.5h'].map((text) => numberOf(text, 'duration'));
    expect(durations).toEqual([7_200, 900, 90, 90, 5_400]);
    for (const text of ['h', '15 minutes', '25h'])
      expect(() => numberOf(text, 'duration')).toThrow(/or such as 15m or 2h/);
    expect(() => numberOf('5m', 'rate')).toThrow(/--rate must be a number/);
  });

  it('should say what is wrong with a file', async () => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, '{"title":"x"}');
    expect(await main(['validate', file])).toBe(3);
    expect(said[0]).toMatch(/method: is required/);
    expect(await main(['validate'])).toBe(3);
  });
});

describe('comparing databases', () => {
  it('should say that none answers', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/none';
    const env = recordOf(DATABASE_VARIABLES, () => url);
    const config = { env, home: folder };
    await expect(checkCommand(config, true)).rejects.toThrow(/^No database answers .*"make up" starts it/);
  });
});

describe('attaching', () => {
  it('should need a running stack, and agreement', async () => {
    await expect(attachTarget(folder, true)).rejects.toThrow(/No stack runs in .*lacks .*ORDER_URL/);
    const names = [...ADDRESS_VARIABLES, 'REDIS_URL', 'OPERATOR_TOKEN'];
    writeFileSync(join(folder, 'env'), names.map((name) => `${name}=x`).join('\n'));
    await expect(attachTarget(folder, true)).rejects.toThrow(/No stack runs in .*"make up" starts it/);
    await lockHome(createHome(folder), false);
    await expect(attachTarget(folder, false)).rejects.toThrow(/--attach breaks the stack/);
    const target = await attachTarget(folder, true);
    await expect(target.act(['stop', 'inventory-service'])).rejects.toThrow(
      /the supervisor of a running stack restarts every process/,
    );
    for (const command of [[], ['nope'], ['wipe'], ['kill'], ['kill', 'redis', 'now']]) {
      await expect(target.act(command)).rejects.toThrow(/The target does not know/);
    }
    await expect(target.act(['kill', 'nobody'])).rejects.toThrow(/No process "nobody" runs/);
  });
});

describe('the progress line', () => {
  it('should say what goes on', () => {
    const tally = new Tally();
    const progress = {
      phase: 'load' as const,
      ms: 12_300,
      durationMs: 60_000,
      tally,
      faults: ['Redis is emptied'],
      windows: [],
      evidence: [],
      violations: 2,
    };
    expect(describeProgress(progress)).toBe(
      'running 12/60 s  0 orders (0 confirmed, 0 queued, 0 refused)  p99 0 ms  faults: Redis is emptied  2 VIOLATIONS',
    );
  });
});
