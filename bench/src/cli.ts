import { mkdirSync, writeFileSync } from 'node:fs';
import { commandLine, exitCodeOf } from '@valerix/local-stack/commands/command-line';
import { ConfigError } from '@valerix/service-kit/env';
import { type BenchConfig, ROOT, readConfig } from './config.ts';
import { onBenchStack } from './on-bench-stack.ts';
import { runPressure } from './pressure/run-pressure.ts';
import { renderReport, updateDocument } from './report/document.ts';
import { renderMedians } from './report/medians.ts';
import { renderPressure } from './report/pressure-sections.ts';
import { runBench } from './run-bench.ts';
import { runOnly } from './run-only.ts';
import type { BenchStack } from './system/bench-stack.ts';

const usage = `Usage: npx node bench/src/cli.ts
       npx node bench/src/cli.ts --pressure
       npx node bench/src/cli.ts --only <cases...>

Measures the machine's limits and the system side by side on a new stack. Takes 20 minutes, and writes docs/performance.md
and bench/results/bench.json. With --pressure it measures what a user would pick instead, and the system under pressure; this takes
10 minutes, and writes another section of the same document and bench/results/bench-pressure.json. With --only it measures single
cases of both, and prints their medians. With QUICK=1 it takes a few minutes and writes no document. After Ctrl-C it stops the stack
and writes nothing.`;

type Say = (text: string) => void;

interface Kind<T> {
  /** Of its file of results, and of its section of docs/performance.md. */
  name: string;
  run(bench: BenchStack, config: BenchConfig, say: Say): Promise<T>;
  render(result: T): string;
  /** Whether a full run is published. */
  published: boolean;
}

/** Measures, prints and saves the result. @returns the exit code: 130 after a signal, and then no file is written */
async function measure<T>({ name, run, render, published }: Kind<T>): Promise<number> {
  const config = readConfig();
  const interrupted = onInterrupt();
  const say = (text: string) => {
    if (!interrupted.aborted) console.error(text);
  };
  try {
    const result = await onBenchStack((bench) => run(bench, config, say), interrupted);
    const [folder, document] = [`${ROOT}/bench/results`, `${ROOT}/docs/performance.md`];
    const file = `${folder}/${name}${config.quick ? '-quick' : ''}.json`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
    console.log(render(result));
    if (published && !config.quick) updateDocument(document, name, render(result));
    say(`The numbers are in ${file}${published && !config.quick ? ` and ${document}` : ''}.`);
    return 0;
  } catch (error) {
    if (!interrupted.aborted) throw error;
    console.error('Stopped; nothing was written.');
    return 130;
  }
}

/** Aborts at the first Ctrl-C, SIGTERM or hang-up. The second one exits at once and kills the stack. */
function onInterrupt(): AbortSignal {
  const stopping = new AbortController();
  const handler = (signal: NodeJS.Signals) => {
    // A closing terminal sends SIGHUP more than once: only a second signal from a person exits.
    if (stopping.signal.aborted && signal === 'SIGHUP') return;
    if (stopping.signal.aborted) process.exit(130);
    console.error(`\n${signal}: stopping the stack. Once more ends at once.`);
    // A measurement fails in some arbitrary way while its stack stops: report the signal instead.
    process.on('uncaughtException', () => {});
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handler);
  return stopping.signal;
}

function measureKind({ pressure, only: names }: { pressure?: true; only?: string[] }): Promise<number> {
  if (names) {
    return measure({
      name: 'only',
      run: (...about) => runOnly(names, ...about),
      render: renderMedians,
      published: false,
    });
  }
  if (pressure) return measure({ name: 'bench-pressure', run: runPressure, render: renderPressure, published: true });
  return measure({ name: 'bench', run: runBench, render: renderReport, published: true });
}

let exitCode = 0;
const program = commandLine('npx node bench/src/cli.ts')
  .configureHelp({ formatHelp: () => usage })
  .option('--pressure')
  .option('--only <cases...>')
  .action(async (options) => {
    exitCode = await measureKind(options);
  });

try {
  await program.parseAsync();
  process.exit(exitCode);
} catch (error) {
  if (!(error instanceof ConfigError)) process.exit(exitCodeOf(error));
  console.error(error.message);
  process.exit(1);
}
