import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openProgressFile } from '../../src/run-folder/progress-file.ts';
import { makeRunFolder } from '../../src/run-folder/run-folder.ts';
import { FaultLog } from '../../src/runner/fault-log.ts';
import { Tally } from '../../src/runner/tally.ts';

// Stands for the command line of game days in tests: a real process that writes what a run writes, and breaks nothing.
const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    laboratory: { type: 'boolean' },
    report: { type: 'string' },
    seed: { type: 'string' },
    duration: { type: 'string' },
    rate: { type: 'string' },
    target: { type: 'string' },
    namespace: { type: 'string' },
  },
});
const experiment = positionals[1] as string;
// The seed says how the run ends.
const seed = Number(values.seed ?? 1);
if (seed === 13) {
  console.error('this experiment cannot be run');
  process.exit(3);
}

const { id, path } = makeRunFolder(values.report as string, experiment);
const durationS = Number(values.duration ?? 5);
const plan = { experiment, title: 'A stub', seed, rate: Number(values.rate ?? 1), duration_s: durationS };
const progress = openProgressFile(path, { ...plan, started_by: 'laboratory' });

const started = performance.now();
const now = () => performance.now() - started;
const tally = new Tally();
const faults = new FaultLog(now);
let stopping: string | undefined;
const stop = (reason: string) => {
  if (stopping !== undefined) process.exit(130);
  stopping = reason;
  progress.stopping(reason);
};
process.on('SIGTERM', () => stop('it was stopped in the laboratory'));
process.once('disconnect', () => stop('the laboratory that started it is gone'));
// As in the real one, it can be stopped from the moment it is known.
process.send?.({ id });
if (seed === 14) {
  progress.failed('the stack did not start');
  process.exit(3);
}

const ticking = setInterval(() => {
  const op = tally.totals.placed;
  tally.add({ t: now(), op, f: 'place', type: 'invoke' });
  tally.add({ t: now(), op, f: 'place', type: 'ok', status: 201, latency: 12 });
  const shared = { ms: now(), durationMs: durationS * 1000, tally, faults: [], windows: faults.windows, violations: 0 };
  const evidence = [{ what: 'orders were placed', at_least: 10, seen: op + 1, met: op >= 9 }];
  progress.show({ phase: 'load', ...shared, evidence });
  // Deaf, or rather busy: rolling back takes it for ever.
  if (seed === 15) return;
  if (stopping === undefined && now() < durationS * 1000) return;
  // Rolls back for as long as the test wants.
  if (seed === 16 && !existsSync(join(path, 'rolled-back'))) return;
  clearInterval(ticking);
  end();
}, 50);

function end(): void {
  const verdict = stopping === undefined ? 'PASS' : 'INCONCLUSIVE';
  const valerix = {
    verdict,
    reasons: [stopping === undefined ? 'All is well.' : `The run was cut short: ${stopping}.`],
    // What a real run would break, and with whose token.
    target: values.target ? `${values.target} ${values.namespace} ${process.env.OPERATOR_TOKEN}` : 'nothing',
    seed,
    rate: plan.rate,
    duration_s: durationS,
    totals: tally.totals,
    latency_ms: { p50: 12, p95: 12, p99: 12 },
    evidence: [
      { expected: 'orders were placed at least 10 times', at_least: 10, seen: tally.totals.placed, met: true },
    ],
    recoveries: [
      { fault: 'a kill', endedAt: 2_000, seconds: 1.5 },
      { fault: 'a pause', endedAt: 4_000 },
    ],
    checked: { total: 0 },
    violations: [],
  };
  const journal = {
    start: new Date().toISOString(),
    duration: now() / 1000,
    experiment: { title: plan.title },
    valerix,
  };
  writeFileSync(join(path, 'journal.json'), JSON.stringify(journal));
  writeFileSync(join(path, 'history.jsonl'), '{"t":0,"op":0,"f":"place","type":"invoke"}\n');
  writeFileSync(join(path, 'report.html'), `<!doctype html><title>${verdict}</title><script>alert(1)</script>`);
  progress.end(verdict);
  process.exit(0);
}
