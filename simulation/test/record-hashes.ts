import { hash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { carryOut, commandLine } from '@valerix/local-stack/commands/command-line';
import { playSeeds } from '../src/workers.ts';

const root = join(import.meta.dirname, '../..');
const FILE = join(import.meta.dirname, 'recorded-hashes.json');
const SEEDS = 20;

/** The hashes of the first seeds, from another time and perhaps another machine. */
export interface Recorded {
  /** Of everything that the worlds were made of. */
  sources: string;
  /** By seed. */
  hashes: Record<string, string>;
}

/** What decides about a message or its time: the services, their SQL, the clients, the world, the packages and Node.js. */
const SOURCES = [
  '{order-service,inventory-service,payment-service,provider-simulator}/{src,migrations}/**/*.{ts,sql}',
  'packages/{contracts,service-kit,system}/{src,migrations}/**/*.{ts,sql}',
  'gameday/src/{workload/*,experiment/valerix-extension}.ts',
  'simulation/src/**/*.ts',
  'package-lock.json',
];

/** Equal for two copies of the repository whose seeds must give the same worlds. */
export function hashOfSources(): string {
  const files = globSync(SOURCES, { cwd: root }).sort();
  const texts = files.map((file) => `${file}\0${readFileSync(join(root, file), 'utf8')}`);
  return hash('sha256', [process.version, ...texts].join('\0')).slice(0, 16);
}

export const readRecorded = (): Recorded => JSON.parse(readFileSync(FILE, 'utf8')) as Recorded;

async function record(): Promise<void> {
  const hashes: [number, string][] = [];
  await playSeeds({ from: 1, count: SEEDS, onSeed: ({ seed, hash }) => hashes.push([seed, hash]) < 0 });
  const inOrder = hashes.sort(([a], [b]) => a - b);
  writeFileSync(
    FILE,
    `${JSON.stringify({ sources: hashOfSources(), hashes: Object.fromEntries(inOrder) } satisfies Recorded, null, 2)}\n`,
  );
}

if (import.meta.main) {
  await carryOut(
    commandLine('npx node simulation/test/record-hashes.ts')
      .description(
        'Writes the hashes of the first seeds. Where the same sources are tested, on any machine, they must come out again.',
      )
      .action(record),
  );
}
