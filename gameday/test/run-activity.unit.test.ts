import { describe, expect, it } from 'vitest';
import { wordsOf } from '../src/runner/providers.ts';
import { runActivity } from '../src/runner/run-activity.ts';
import { repeatMethod } from '../src/runner/run-under-load.ts';
import { configurationOf, substitute } from '../src/runner/substitute.ts';
import { isTolerated } from '../src/runner/tolerance.ts';

describe('tolerances', () => {
  const answer = { status: 200, body: { queue: { depth: 3 }, items: [{ id: 'a' }, { id: 'b' }] } };
  it.each([
    [200, answer, true],
    [503, answer, false],
    [[200, 202], answer, true],
    [[1, 5], 3, true],
    [true, true, true],
    ['up', 'down', false],
    [{ type: 'range', range: [0, 2], target: 'status' }, answer, false],
    [['a', 'c'], 'b', true],
    [['a', 'b', 'c'], 'b', true],
    [{ type: 'range', range: [-1, 2] }, '', false],
    [{ type: 'range', range: [-1, 2] }, null, false],
    [{ type: 'range', range: [-1, 2] }, '1.5', true],
    [{ type: 'regex', pattern: '"depth":3', target: 'body' }, answer, true],
    [{ type: 'regex', pattern: '(?i)(?P<name>DEPTH)' }, 'depth', true],
    [{ type: 'jsonpath', path: '$.queue.depth', target: 'body', expect: [3] }, answer, true],
    [{ type: 'jsonpath', path: '$.queue.depth', target: 'body', expect: 4 }, answer, false],
    [{ type: 'jsonpath', path: '$.items[*].id', target: 'body', count: 2 }, answer, true],
  ])('%j of %j: %s', (tolerance, output, expected) => {
    expect(isTolerated(tolerance as never, output)).toBe(expected);
  });

  it.each([
    ['$.items[?@.id == "b"].stock', { expect: [2] }, true],
    ['$.items[?@.id == "b"].stock', { expect: 3 }, false],
    ['$.items[?(@.stock > 1)].id', { expect: 'b' }, true],
    ['$.items[?@.stock < 1]', {}, false],
    ['$.items[?@.stock < 1]', { count: 0 }, true],
    ['$.items[?match(@.id, "[ab]")]', { count: 2 }, true],
    ['$.items[*].id', { expect: ['a', 'b'] }, true],
    ['$.items[*].id', { expect: ['b', 'a'] }, false],
    ['$..stock', { expect: [1, 2], count: 2 }, true],
    ["$.items[1]['id']", { expect: ['b'] }, true],
    ['$.tags', { expect: [[]] }, true],
    ['$.nothing.here', {}, false],
    ['$.nothing.here', { expect: [] }, true],
    ['$.items[*].id', { expect: [['a', 'b']] }, false],
    ['$.items[?@.id.constructor.constructor("throw 1")]', { count: 0 }, 'refused'],
  ])('should hold the body against the JSONPath %s with %j: %s', (path, more, expected) => {
    const body = {
      items: [
        { id: 'a', stock: 1 },
        { id: 'b', stock: 2 },
      ],
      tags: [],
    };
    const tolerate = () => isTolerated({ type: 'jsonpath', path, target: 'body', ...more }, { status: 200, body });
    if (expected === 'refused') expect(tolerate).toThrow();
    else expect(tolerate()).toBe(expected);
  });
});

describe('a tolerance of type probe', () => {
  it.each([
    ['true', true],
    ['false', false],
    ['no-such-program', false],
  ])('is judged by its program: %s', async (path, met) => {
    const tolerance = { type: 'probe' as const, name: 'judge', provider: { type: 'process' as const, path } };
    const provider = { type: 'process' as const, path: 'echo', arguments: ['hello'] };
    const context = { target: { act: () => Promise.reject(new Error('not asked')) }, configuration: {} };
    const run = await runActivity({ type: 'probe', name: 'say', provider, tolerance }, context);
    expect([run.tolerance_met, run.output]).toMatchObject([met, { status: 0, stdout: 'hello\n' }]);
  });
});

describe('the method', () => {
  it('begins anew at the start of each of its rounds, however short it is', async () => {
    const began: number[] = [];
    const zero = performance.now();
    const now = () => performance.now() - zero;
    const act = async () => {
      began.push(now());
      return { detail: '' };
    };
    const step = {
      type: 'action' as const,
      name: 'act',
      provider: { type: 'process' as const, path: 'valerix-target', arguments: ['act'] },
    };
    const experiment = { document: { method: [step], rollbacks: [] }, valerix: { rounds: 3 } } as never;
    const run = { experiment, now, durationS: 0.3, context: { target: { act }, configuration: {} } };
    await repeatMethod(run, new AbortController().signal, []);
    expect(began).toHaveLength(3);
    for (const [round, at] of began.entries()) expect(at).toBeGreaterThanOrEqual(round * 100 - 2);
    expect(now()).toBeGreaterThanOrEqual(298);
  });
});

describe('the words of a command', () => {
  it.each([
    ['kill \'order service\' --why="two words" ', ['kill', 'order service', '--why=two words']],
    [
      ['a', 1, ''],
      ['a', '1'],
    ],
    [{ '--flag': '', '--n': 2, value: { a: 1 } }, ['--flag', '--n', '2', 'value', '{"a":1}']],
  ])('%j', (given, words) => {
    expect(wordsOf(given)).toEqual(words);
  });
});

describe('the configuration', () => {
  const given = { a: { type: 'env', key: 'A', default: 'x', env_var_type: 'str' }, b: 5 };
  const secrets = { shop: { token: { type: 'env', key: 'TOKEN', default: 'secret', env_var_type: 'str' } } };
  const of = (configuration: Record<string, unknown>, env = {}) => configurationOf({ configuration, secrets }, env);

  it('should take variables, then defaults, and say what is missing', () => {
    expect(of(given, { A: 'set' })).toEqual({ token: 'secret', a: 'set', b: 5 });
    expect(of(given)).toEqual({ token: 'secret', a: 'x', b: 5 });
    expect(() => of({ c: { type: 'env', key: 'C', env_var_type: 'str' } })).toThrow(/configuration\.c: C is not set/);
  });

  it('should give a variable its type', () => {
    const number = { n: { type: 'env', key: 'N', env_var_type: 'int' } };
    expect(of(number, { N: '7' }).n).toBe(7);
    expect(() => of(number, { N: '7.5' })).toThrow(/configuration\.n: N must be a number/);
  });

  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is the format of the experiments.
  it('should keep the type of a value that stands alone, and leave names that it does not know', () => {
    const values = { a: 'x', b: 5, list: [1, 2] };
    expect(substitute({ url: ['${a}/${b}'], n: '${b}', all: '${list}' }, values)).toEqual({
      url: ['x/5'],
      n: 5,
      all: [1, 2],
    });
    expect(substitute('${nothing} $HOME ${toString}', values)).toBe('${nothing} $HOME ${toString}');
  });
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is the format of the experiments.
});
