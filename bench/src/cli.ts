import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { answerWithUsage } from '@valerix/local-stack/commands/answer-with-usage';
import { ConfigError } from '@valerix/service-kit/env';
import { readConfig } from './config.ts';
import { renderReport, updateDocument } from './report/document.ts';
import { runBench } from './run-bench.ts';

const usage = `Usage: npx node bench/src/cli.ts

Measures the machine's limits and the system side by side on a new stack. Takes 20 minutes, and writes docs/performance.md
and bench/results/latest.json. With QUICK=1 it takes a few minutes and writes bench/results/quick.json only. After Ctrl-C it
stops the stack and writes nothing.`;

/** Measures, prints and saves the result. @returns the exit code: 130 after a signal, and then no file is written */
async function main(): Promise<number> {
  const config = readConfig();
  const interrupted = onInterrupt();
  const say = (text: string) => {
    if (!interrupted.aborted) console.error(text);
  };
  try {
    const result = await runBench(config, say, interrupted);
    mkdirSync(dirname(config.resultFile), { recursive: true });
    writeFileSync(config.resultFile, `${JSON.stringify(result, null, 2)}\n`);
    console.log(renderReport(result));
    if (config.document) updateDocument(config.document, result);
    say(`The numbers are in ${config.resultFile}${config.document ? ` and ${config.document}` : ''}.`);
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

try {
  process.exit(answerWithUsage(usage, process.argv.slice(2)) ?? (await main()));
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}
