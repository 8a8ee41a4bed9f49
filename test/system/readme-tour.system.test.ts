import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startStack } from '@valerix/local-stack';
import { runCommand } from '@valerix/local-stack/machine/run-command';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { PATIENT } from '../support/patient.ts';

const root = join(import.meta.dirname, '../..');

/** The commands of the README's tour, as a reader pastes them. */
function tour(): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const block = /## A tour with curl\n\n```\n(.+?)```/s.exec(readme)?.[1];
  if (!block) throw new Error('the README has no tour');
  return block;
}

it('the tour of the README does what it says', async () => {
  const stack = await startStack({ restart: true, env: { order: PATIENT } });
  try {
    const script = tour().replaceAll('.valerix/env', join(stack.home, 'env'));
    const env = { ...process.env, VALERIX_HOME: stack.home };
    const { code, output } = await runCommand('bash', ['-euc', script], { cwd: root, env });
    expect(code, output).toBe(0);

    // Not at the start of a line: a body, or curl's progress, may end without a newline before it.
    const statuses = [...output.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses.slice(0, 3)).toEqual(['201', '201', '422']);
    expect(output.match(/^Idempotent-Replayed: true/gim)).toHaveLength(1);
    expect(output).toContain('IDEMPOTENCY_KEY_REUSED');
    expect(output).toContain('"type":"order.confirmed"');
    expect(output).toContain('Your order is cancelled.');
    expect(output).toMatch(/"transaction_type":"release"/);
    // The last order met a dead inventory service, or the one that came back in its place.
    expect(statuses.slice(3).every((status) => status === '201' || status === '202')).toBe(true);
    expect(statuses).toHaveLength(4);
    await eventually(async () => {
      const answer = await fetch(`${stack.services.order.urls[0]}/api/orders?status=confirmed`);
      expect(((await answer.json()) as { items: unknown[] }).items).toHaveLength(1);
    });
  } finally {
    await stack.stop();
  }
});
