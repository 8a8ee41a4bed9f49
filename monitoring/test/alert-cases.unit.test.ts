import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { alerts } from '../src/alerts.ts';
import { repositoryRoot } from '../src/generated-files.ts';

interface RuleTests {
  tests: { name: string; alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
}

const file = join(repositoryRoot, 'monitoring/prometheus/tests/alerts.yml');
const { tests } = parse(readFileSync(file, 'utf8')) as RuleTests;
const cases = tests.flatMap(({ name, alert_rule_test }) => alert_rule_test.map((one) => ({ name, ...one })));
const names = [...new Set(alerts.map(({ name }) => name))];

describe('the cases of the alerts', () => {
  it.each(names)('%s has one in which it fires and one in which it does not', (name) => {
    const own = cases.filter(({ alertname }) => alertname === name);
    expect(own.filter(({ exp_alerts }) => exp_alerts.length > 0)).not.toEqual([]);
    expect(own.filter(({ exp_alerts }) => exp_alerts.length === 0)).not.toEqual([]);
  });

  it('are all of alerts that exist, and named after them', () => {
    for (const { name, alertname, exp_alerts } of cases) {
      expect(names).toContain(alertname);
      expect(name.startsWith(`${alertname} ${exp_alerts.length > 0 ? 'fires' : 'is silent'}: `), name).toBe(true);
    }
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });
});
