import { readFileSync, writeFileSync } from 'node:fs';
import { InvalidArgumentError } from '@valerix/local-stack/commands/command-line';
import type { Outcome } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';

/** What happened, moment by moment: clients, messages between the services, faults (marked). */
export function storyOf({ timeline, violations }: Outcome): string {
  const lines = timeline.map(
    ({ atMs, what, isFault }) => `${(atMs / 1_000).toFixed(4).padStart(9)} ${isFault ? '!' : ' '} ${what}`,
  );
  return [
    ...lines,
    '',
    ...violations.map(({ invariant, subject, detail }) => `${invariant} ${subject}: ${detail}`),
  ].join('\n');
}

/** Writes a scenario as the file that `--replay` plays, with what happened, which the dashboard shows step by step. */
export function saveScenario(file: string, scenario: Scenario, outcome?: Outcome): void {
  const story = outcome && { timeline: outcome.timeline, violations: outcome.violations };
  writeFileSync(file, `${JSON.stringify({ ...scenario, story }, null, 1)}\n`);
}

/** Reads such a file. @throws InvalidArgumentError saying what is wrong with it */
export function readScenario(file: string): Scenario {
  try {
    const { story: _told, ...scenario } = JSON.parse(readFileSync(file, 'utf8')) as Scenario & { story?: unknown };
    const missing = ['seed', 'operations', 'events', 'skewsMs', 'stock', 'rates'].filter((name) => !(name in scenario));
    if (missing.length === 0) return scenario;
    throw new Error(`It has no ${missing.join(', ')}: it is not the file of a seed.`);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
