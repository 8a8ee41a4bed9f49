import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { experimentSchema } from '../src/experiment/schema.ts';
import { valerixExtension } from '../src/experiment/valerix-extension.ts';
import { journalOf } from '../src/report/journal.ts';
import { writeReport } from '../src/report/write-report.ts';
import type { Progress } from '../src/runner/announce.ts';
import type { RunResult } from '../src/runner/run.ts';
import { runExperiment } from '../src/runner/run-experiment.ts';
import { startLocalTarget } from '../src/targets/local-target.ts';
import { writeManifest } from '../src/verify/manifest.ts';
import { verifyRun } from '../src/verify/verify-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-gameday-'));
let target: Awaited<ReturnType<typeof startLocalTarget>>;
beforeAll(async () => {
  // An order service that survives a crash, as process 1 of a container would.
  const env = { order: { NODE_OPTIONS: '--import=data:text/javascript,process.on(%22SIGVTALRM%22,()=>{})' } };
  target = await startLocalTarget({ replicas: {}, seed: 1, onNotice: () => {}, env });
});
afterAll(async () => {
  await target?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => target.heal());

const step = (...command: string[]) => ({
  type: 'action',
  name: command.join(' '),
  provider: { type: 'process', path: 'valerix-target', arguments: command },
});

/** A run against the shared stack, a seed of its own each. */
async function run(
  seed: number,
  method: object[],
  options: {
    onProgress?: (progress: Progress) => void;
    signal?: AbortSignal;
    durationS?: number;
    evidence?: object[];
    configuration?: object;
    /** Customers who place the orders. */
    customers?: number;
    env?: Record<string, string>;
  } = {},
): Promise<RunResult> {
  const { configuration = {}, customers = 0, env = {} } = options;
  const rollbacks = [step('network', 'heal')];
  const source = { title: `Run ${seed}`, description: 'of the tests', configuration, method, rollbacks };
  const valerix = valerixExtension.parse({
    name: 'valerix',
    duration_s: options.durationS ?? 4,
    workload: { rate: 25, replays: 0.2, customers },
    stock: {
      ps5: 5_000,
      xbox: 5_000,
      switch: 5_000,
      laptop: 5_000,
      monitor: 5_000,
      headset: 5_000,
      keyboard: 5_000,
      mouse: 5_000,
    },
    evidence: options.evidence ?? [{ kind: 'orders-placed', at_least: 20 }],
  });
  return runExperiment({
    experiment: {
      name: `run-${seed}`,
      file: 'test.json',
      source,
      document: experimentSchema.parse(source),
      valerix,
      ignored: [],
    },
    // The runs share one system, so orders of the others are nothing unexpected.
    target: { ...target, fresh: false },
    seed,
    durationS: valerix.duration_s,
    rate: valerix.workload.rate,
    folder: join(folder, String(seed)),
    signal: options.signal ?? new AbortController().signal,
    env,
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
}

describe('a game day', () => {
  it('should pass when the inventory service dies and nothing is lost', async () => {
    const evidence = [{ kind: 'every-fault-fired' }, { kind: 'replays' }];
    const pauses = { before: 1, after: 1 };
    const result = await run(1, [{ ...step('kill', 'inventory-service'), pauses }], { evidence });
    expect(result.reasons).toEqual(['Every invariant holds, and all required evidence was seen.']);
    expect(result.verdict).toBe('PASS');
    expect(result.checked).toMatchObject({ total: 0, unknown: 0 });
    expect(result.rollbacks.map(({ status }) => status)).toEqual(['succeeded']);
  });

  it('should pass when identity-service and Redis go away, and signed-in customers order on', async () => {
    const method = [
      { ...step('stop', 'identity-service'), pauses: { before: 1, after: 2 } },
      { ...step('stop', 'redis'), pauses: { after: 2 } },
      step('start', 'redis'),
      step('start', 'identity-service'),
    ];
    const evidence = [{ kind: 'every-fault-fired' }, { kind: 'orders-placed', at_least: 100 }];
    const result = await run(8, method, { evidence, customers: 5, durationS: 8 });
    expect(result.reasons).toEqual(['Every invariant holds, and all required evidence was seen.']);
    const client = new pg.Client({ connectionString: target.services.order.databaseUrl });
    await client.connect();
    const { rows } = await client.query("SELECT DISTINCT placed_by FROM orders WHERE placed_by LIKE 'customer:%'");
    await client.end();
    expect(rows).toHaveLength(5);
  });

  it('should be inconclusive when a process ignores its kill, and name the fault', async () => {
    const crash = (service: string) => ({
      type: 'action',
      name: `${service} crashes`,
      provider: {
        type: 'http',
        method: 'POST',
        url: `${target.services.inventory.urls[0]}/api/admin/chaos/faults`,
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${target.operatorToken}` },
        arguments: {
          ...{ service, point: 'inbound', type: 'crash', match: { method: 'POST' }, params: { min_interval_ms: 0 } },
          ...{ max_hits: 1, ttl_seconds: 20 },
        },
      },
      pauses: { before: 1, after: 1 },
    });
    const method = [crash('order-service'), crash('inventory-service')];
    const result = await run(7, method, { evidence: [{ kind: 'fault-fired', of: 'inventory-service crashes' }] });
    expect(result.reasons).toEqual(['No process was seen to die of "order-service crashes".']);
    expect(result.verdict).toBe('INCONCLUSIVE');
    expect(result.faults.map(({ fired }) => fired)).toEqual([0, 1]);
  });

  it('should not count a fault that hit what was down already', async () => {
    const method = ['stop', 'kill', 'pause', 'start'].map((verb) => step(verb, 'inventory-service'));
    // A second: a longer run repeats what is so short.
    const result = await run(5, method, { durationS: 1 });
    expect(result.verdict).toBe('INCONCLUSIVE');
    expect(result.faults.map(({ name }) => name)).toEqual(['stop inventory-service']);
    expect(result.reasons.filter((reason) => reason.includes('inventory-service does not run'))).toHaveLength(2);
  });

  it('should fill the configuration from the target, then from the environment', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the format of the experiments.
    const provider = { type: 'process', path: 'echo', arguments: '${url} ${greeting}' };
    const configuration = { url: { type: 'env', key: 'ORDER_URL' }, greeting: { type: 'env', key: 'GREETING' } };
    const env = { ORDER_URL: 'http://elsewhere', GREETING: 'hello' };
    const result = await run(6, [{ type: 'action', name: 'say', provider }], { durationS: 1, configuration, env });
    expect(result.method[0]?.output).toMatchObject({ stdout: `${target.services.order.urls[0]} hello\n` });
  });

  it('should be inconclusive when what had to happen did not', async () => {
    const result = await run(2, [], { durationS: 2, evidence: [{ kind: 'orders-refused' }] });
    expect(result).toMatchObject({ verdict: 'INCONCLUSIVE', evidence: [{ met: false, seen: 0 }] });
  });

  it('should roll back and still report when it is interrupted', async () => {
    const stopping = new AbortController();
    const interrupt = ({ tally }: Progress) => {
      if (tally.totals.placed > 10) stopping.abort('SIGINT from the terminal');
    };
    const method = [step('network', 'cut'), { ...step('network', 'slow', '5'), pauses: { before: 600 } }];
    const result = await run(3, method, { onProgress: interrupt, signal: stopping.signal, durationS: 600 });
    expect(result).toMatchObject({ verdict: 'INCONCLUSIVE', interrupted: 'SIGINT from the terminal' });
    expect(result.rollbacks.map(({ status }) => status)).toEqual(['succeeded']);
    expect(result.drained?.complete).toBe(true);
    expect(journalOf(result)).toMatchObject({ status: 'interrupted', deviated: false });
    const report = await writeReport(result, target, join(folder, '3'));
    expect(readFileSync(report, 'utf8')).toContain('INCONCLUSIVE');
    expect(readFileSync(report, 'utf8')).toContain('R1: a read sent after an answer shows the order');
  });

  it('should heal a service and the database it needs, whichever was stopped first', async () => {
    for (const name of ['inventory-service', 'postgres']) await target.act(['stop', name]);
    await target.heal();
    const answer = await fetch(`${target.services.inventory.urls[0]}/readyz`);
    expect(answer.status).toBe(200);
  });

  // Last: it leaves the stack broken.
  it('should catch a planted double deduction while the load runs, roll back, and tell its story', async () => {
    let planted: { order: string; ms: number } | undefined;
    let planting: Promise<void> | undefined;
    const result = await run(4, [step('network', 'slow', '1')], {
      durationS: 60,
      onProgress: ({ phase, tally, ms }) => {
        if (phase !== 'load' || tally.totals.confirmed < 20) return;
        planting ??= deductTwice(target.services.inventory.databaseUrl).then((order) => {
          planted = { order, ms };
        });
      },
    });
    await planting;
    expect(result.verdict).toBe('FAIL');
    const violation = result.violations.find(({ invariant }) => invariant === 'I4');
    expect(violation).toMatchObject({ subject: planted?.order, class: 'duplicated' });
    // By the watch, not by the check after the load. Two seconds are promised; a busy machine is late.
    expect((violation?.at ?? 0) - (planted?.ms ?? 0)).toBeLessThan(10_000);
    expect(result.interrupted).toMatch(/^stop condition: I4 is broken/);
    expect(result.rollbacks.map(({ status }) => status)).toEqual(['succeeded']);
    // The running system finds it by itself, too; the run may have been stopped before that.
    await expect
      .poll(
        async () =>
          ((await (await fetch(`${target.services.order.urls[0]}/api/integrity`)).json()) as { verdict: string })
            .verdict,
        {
          timeout: 30_000,
        },
      )
      .toBe('violated');
    const report = await writeReport(result, target, join(folder, '4'));
    const page = readFileSync(report, 'utf8');
    expect(page).toContain(planted?.order);
    expect(page).toMatch(/ledger {4}.*transaction_type=deduct/);
    expect(page).toMatch(/event {5}type=order\.confirmed/);
    expect(existsSync(join(folder, '4', 'history.jsonl'))).toBe(true);
    // And so it is judged again without the system.
    writeFileSync(join(folder, '4', 'journal.json'), JSON.stringify(journalOf(result)));
    await writeManifest(join(folder, '4'));
    expect(await verifyRun(join(folder, '4'))).toMatchObject({
      verdict: 'FAIL',
      reasons: result.reasons,
      problems: [],
    });
  });
});

/** The bug: the guard is gone, and an order's stock is taken once more. @returns the order */
async function deductTwice(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('DROP INDEX inventory_transactions_once');
  const { rows } = await client.query<{ order_id: string }>(
    `WITH again AS (
       INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change)
       SELECT transaction_type, order_id, item_id, quantity_change FROM inventory_transactions AS entry
       WHERE transaction_type = 'deduct' AND NOT EXISTS (
         SELECT 1 FROM inventory_decisions WHERE order_id = entry.order_id AND released_at IS NOT NULL)
       LIMIT 1 RETURNING order_id, item_id, quantity_change
     )
     UPDATE inventory SET quantity = quantity + again.quantity_change, reserved_quantity = reserved_quantity - again.quantity_change
     FROM again WHERE inventory.item_id = again.item_id RETURNING again.order_id`,
  );
  await client.end();
  return rows[0]?.order_id as string;
}
