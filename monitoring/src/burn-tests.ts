import type { Alert } from './alerts.ts';
import { budgetOf, burnAlertName, burnAlerts, classroomAlerts, minimumRequests } from './burn-alerts.ts';
import { labelsOf, ruleGroups, runbookUrl, yamlFile } from './rule-files.ts';
import { type BurnWindow, burnWindows, classroomWindows, placing, type Slo, secondsOf, slos } from './slos.ts';

interface TestCase {
  name: string;
  interval: string;
  series: Record<string, string>;
  at: string;
  alert: Alert;
  /** The alerts of this name that are expected. */
  expected: Expected[];
}

interface Expected {
  alert: Alert;
  /** Beside the rule's own labels. */
  labels: Record<string, string>;
  description: string;
}

/** The generated files of `prometheus/tests/`; `alerts.yml` there is written by hand. */
export function burnTestFiles(): Record<string, string> {
  // One file per window: a test evaluates its rules as often as its slowest window needs, not every 5 s for three days.
  const files = [...burnWindows, ...classroomWindows].map((window) => {
    const prefix = window.severity === 'classroom' ? 'classroom' : 'burn';
    const cases = slos.flatMap((slo) => burnCases(slo, window));
    return [`${prefix}-${window.long}.yml`, testFile(stepOf(window), cases)];
  });
  return Object.fromEntries(files);
}

/** Burns just over the threshold, just under it, and heavily with hardly any traffic. */
function burnCases(slo: Slo, window: BurnWindow): TestCase[] {
  const alert = burnAlertOf(slo, window);
  const step = secondsOf(stepOf(window));
  const steps = Math.ceil((secondsOf(window.long) * 1.2) / step);
  const perStep = (minimumRequests(slo, window) * step) / secondsOf(window.long);
  const threshold = window.factor * budgetOf(slo, window);
  const over = Number((threshold * 1.25).toPrecision(3));
  const under = Number((threshold * 0.8).toPrecision(3));
  const testCase = (end: string, load: number, badShare: number, expected = expectedBurns(slo, window, badShare)) => ({
    ...{ name: `over ${window.long} ${end}`, interval: stepOf(window), at: `${steps * step}s`, alert },
    ...{ series: traffic(slo, load * perStep, badShare, steps), expected },
  });
  return [
    testCase(`fires: ${percentage(over)} bad`, 10, over),
    testCase(`is silent: ${percentage(under)} bad`, 10, under),
    testCase('is silent: all bad, but too few to say', 0.5, 1, []),
  ];
}

/** A steady burn concerns every window of the same set that is at least as long. */
function expectedBurns(slo: Slo, window: BurnWindow, badShare: number): Expected[] {
  const set = window.severity === 'classroom' ? classroomWindows : burnWindows;
  return set
    .filter(
      (other) => secondsOf(other.long) >= secondsOf(window.long) && badShare > other.factor * budgetOf(slo, other),
    )
    .map((other) => {
      const alert = burnAlertOf(slo, other);
      const description = alert.description.replace(/\{\{.*?\}\}/, percentage(badShare));
      return { alert, labels: { slo: slo.name }, description };
    });
}

function burnAlertOf(slo: Slo, window: BurnWindow): Alert {
  const name = burnAlertName(slo, window);
  const all = [...burnAlerts, ...classroomAlerts];
  const alert = all.find((one) => one.name === name && one.labels?.window === window.long);
  if (!alert) throw new Error(`no alert ${name} over ${window.long}`);
  return alert;
}

/** So many orders a step, of which a share is bad. */
function traffic(slo: Slo, perStep: number, badShare: number, steps: number): Record<string, string> {
  const labels = (status: number, le = '') => `{${placing},status_code="${status}"${le}}`;
  const count = 'http_request_duration_seconds_count';
  const grows = (by: number) => `0+${Number(by.toPrecision(9))}x${steps}`;
  if (slo.name === 'availability') {
    return {
      [count + labels(201)]: grows(perStep * (1 - badShare)),
      [count + labels(503)]: grows(perStep * badShare),
    };
  }
  return {
    [count + labels(201)]: grows(perStep),
    [`http_request_duration_seconds_bucket${labels(201, ',le="0.5"')}`]: grows(perStep * (1 - badShare)),
  };
}

/** A short window needs at least four samples. */
const stepOf = (window: BurnWindow): string => `${secondsOf(window.short) / 6}s`;

/** As `humanizePercentage` says it: four significant digits. */
const percentage = (share: number): string => `${Number((share * 100).toPrecision(4))}%`;

function testFile(evaluationInterval: string, cases: TestCase[]): string {
  return yamlFile('src/slos.ts', {
    rule_files: ['../rules/recording.yml', '../rules/alerts.yml', '../rules/classroom.yml'],
    evaluation_interval: evaluationInterval,
    group_eval_order: ruleGroups.map(({ name }) => name),
    tests: cases.map(({ name, interval, series, at, alert, expected }) => ({
      name: `${alert.name} ${name}`,
      interval,
      input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
      alert_rule_test: [{ eval_time: at, alertname: alert.name, exp_alerts: expected.map(expectedAlert) }],
    })),
  });
}

function expectedAlert({ alert, labels, description }: Expected) {
  return {
    exp_labels: { ...labelsOf(alert), ...labels },
    exp_annotations: { summary: alert.summary, description, runbook_url: runbookUrl(alert) },
  };
}
