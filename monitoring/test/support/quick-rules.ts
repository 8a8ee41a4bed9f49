import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { repositoryRoot } from '../../src/generated-files.ts';

interface RuleFile {
  groups: { interval?: string; rules: { for?: string; keep_firing_for?: string }[] }[];
}

/**
 * The committed rules, evaluated every second and with waits of at most 5 s, so that a test need not sit them out; what `for` and
 * the intervals mean is tested with promtool. The expressions are as they are.
 * @returns the pattern for `rule_files`
 */
export function quickRules(folder: string): string {
  const source = join(repositoryRoot, 'monitoring/prometheus/rules');
  for (const name of readdirSync(source)) {
    const file = parse(readFileSync(join(source, name), 'utf8')) as RuleFile;
    for (const group of file.groups) {
      delete group.interval;
      for (const rule of group.rules) {
        if (rule.for) rule.for = '5s';
        if (rule.keep_firing_for) rule.keep_firing_for = '5s';
      }
    }
    writeFileSync(join(folder, name), stringify(file));
  }
  return join(folder, '*.yml');
}
