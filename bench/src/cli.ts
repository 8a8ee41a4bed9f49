import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { answerWithUsage } from '@valerix/local-stack/commands/answer-with-usage';
import { ConfigError } from '@valerix/service-kit/env';
import { readConfig } from './config.ts';
import { renderReport, updateDocument } from './report/document.ts';
import { runBench } from './run-bench.ts';

const usage = `Usage: npx node bench/src/cli.ts

Measures the machine's limits and the system side by side, in 20 minutes, on a stack of its own; writes docs/performance.md
and bench/results/. QUICK=1 takes a few minutes and changes no document. Ctrl-C stops it, and nothing is written.`;

/** Measures, prints and keeps the result. @returns the exit code: 130 when a signal cut it short, and nothing is written then */
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

/** Aborted by the first Ctrl-C, SIGTERM or end of the terminal; the second ends the process at once, and its stack with it. */
function onInterrupt(): AbortSignal {
  const stopping = new AbortController();
  const handler = (signal: NodeJS.Signals) => {
    // A terminal that is closed says so more than once, and nobody is there who insists.
    if (stopping.signal.aborted && signal === 'SIGHUP') return;
    if (stopping.signal.aborted) process.exit(130);
    console.error(`\n${signal}: stopping what was started. Once more ends at once.`);
    // What was being measured fails in ways of its own while its stack goes away.
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
