import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from '@valerix/local-stack/machine/run-command';
import { ensureTool } from '@valerix/local-stack/machine/tools';
import { afterAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { alertmanagerConfig } from '../src/alertmanager-config.ts';
import { repositoryRoot } from '../src/generated-files.ts';
import { dashboardQueries } from './support/read-queries.ts';

const folder = join(repositoryRoot, 'monitoring/prometheus');
const scratch = mkdtempSync(join(tmpdir(), 'valerix-rules-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A checker that is installed beside a server. */
const beside = async (server: 'prometheus' | 'alertmanager', checker: string): Promise<string> =>
  join(dirname(await ensureTool(server, console.error)), checker);

async function promtool(...args: string[]): Promise<string> {
  const { code, output } = await runCommand(await beside('prometheus', 'promtool'), args, { cwd: folder });
  expect(code, output).toBe(0);
  return output;
}

it('Prometheus accepts the configuration and the rules', async () => {
  expect(await promtool('check', 'config', 'prometheus.yml')).toContain('SUCCESS');
  await promtool('check', 'rules', ...readdirSync(join(folder, 'rules')).map((name) => `rules/${name}`));
});

it.each(readdirSync(join(folder, 'tests')))(
  'alerts fire when they should, and only then: %s',
  async (name) => {
    expect(await promtool('test', 'rules', `tests/${name}`)).toContain('SUCCESS');
    // promtool evaluates every rule at every step of a window: seconds, and more on a busy machine.
  },
  120_000,
);

it('every panel of the invariants tells what holds from what nobody could look at', async () => {
  const lag = (seconds: number) => ({
    series: 'valerix_integrity_lag_seconds{job="order-service"}',
    values: `${seconds}`,
  });
  const violations = (count: number) => ({
    series: 'valerix_integrity_violations{invariant="I1"}',
    values: `${count}`,
  });
  const panels = dashboardQueries().filter(({ expr }) => expr.includes('valerix_integrity_violations'));
  expect(panels.map(({ panel }) => panel)).toEqual(expect.arrayContaining(['Integrity', 'Invariants']));
  const cases = [
    { input_series: [lag(1), violations(0)], value: 0 },
    { input_series: [lag(61), violations(0)], value: -1 },
    { input_series: [lag(61), violations(2)], value: 2 },
  ];
  const tests = cases.map(({ input_series, value }) => {
    const promql_expr_test = panels.map(({ expr, panel }) => {
      return { expr, exp_samples: [{ labels: panel === 'Integrity' ? '{}' : '{invariant="I1"}', value }] };
    });
    return { interval: '5s', input_series, promql_expr_test };
  });
  const file = join(scratch, 'integrity.yml');
  writeFileSync(file, stringify({ tests }));
  await promtool('test', 'rules', file);
});

it('every panel of the breaker says open while one replica has it open and another tries', async () => {
  const panels = dashboardQueries().filter(({ panel }) => panel === 'Circuit breaker');
  expect(panels.length).toBeGreaterThan(1);
  const state = (instance: string, values: string) => ({
    series: `circuit_breaker_state{job="order-service",instance="${instance}",service="inventory-service"}`,
    values,
  });
  const tests = [
    { states: ['1', '2'], value: 1 },
    { states: ['0', '2'], value: 2 },
    { states: ['0', '0'], value: 0 },
  ].map(({ states: [a = '', b = ''], value }) => ({
    interval: '5s',
    input_series: [state('a', a), state('b', b)],
    promql_expr_test: panels.map(({ expr }) => {
      const labels = expr.includes('by (service)') ? '{service="inventory-service"}' : '{}';
      return { expr, exp_samples: [{ labels, value }] };
    }),
  }));
  const file = join(scratch, 'breaker.yml');
  writeFileSync(file, stringify({ tests }));
  await promtool('test', 'rules', file);
});

it('Alertmanager accepts the routes', async () => {
  // Debian's Alertmanager knows no url_file, which the committed file uses to keep the address out of it.
  const file = join(scratch, 'alertmanager.yml');
  writeFileSync(file, stringify(alertmanagerConfig({ url: 'http://127.0.0.1:1/' })));
  const { code, output } = await runCommand(await beside('alertmanager', 'amtool'), ['check-config', file]);
  expect(code, output).toBe(0);
});
