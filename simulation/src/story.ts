import { writeFileSync } from 'node:fs';
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

/** Writes a scenario as the file that `--replay` plays. */
export function saveScenario(file: string, scenario: Scenario): void {
  writeFileSync(file, `${JSON.stringify(scenario, null, 1)}\n`);
}
