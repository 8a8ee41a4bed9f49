import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { alerts } from '../src/alerts.ts';
import { burnAlerts, classroomAlerts } from '../src/burn-alerts.ts';
import { repositoryRoot } from '../src/generated-files.ts';
import { runbookUrl } from '../src/rule-files.ts';

const names = [...new Set([...alerts, ...burnAlerts, ...classroomAlerts].map(({ name }) => name))];
const runbook = readFileSync(join(repositoryRoot, 'docs/runbook.md'), 'utf8');
// Entries are the second-level headings of one word.
const entries = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0] as string, section] as const)
    .filter(([title]) => /^\w+$/.test(title)),
);

it('every alert has an entry, and every entry an alert', () => {
  expect([...entries.keys()].sort()).toEqual([...names].sort());
});

it.each(names)('%s links to its entry, which says what it means, what to look at and what to do', (name) => {
  expect(runbookUrl({ name })).toBe(`docs/runbook.md#${name.toLowerCase()}`);
  for (const part of ['**Means.**', '**Look at.**', '**Do.**']) expect(entries.get(name)).toContain(part);
});
