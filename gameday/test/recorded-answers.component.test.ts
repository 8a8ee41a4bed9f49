import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Checked, checkDatabasesFully } from '../src/checker/check-databases.ts';
import { openSnapshot } from '../src/checker/database-stream.ts';
import { recordAnswers, replayAnswers } from '../src/checker/recorded-answers.ts';
import { uuid, World } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-answers-'));
let world: World;
beforeAll(async () => {
  world = await World.create(inject('postgresUrl'));
  await world.order({ id: uuid(1), status: 'confirmed' });
  await world.decide(uuid(1), 'applied');
  // Confirmed without its stock, refused although there was enough, still open.
  await world.order({ id: uuid(2), status: 'confirmed' });
  await world.order({ id: uuid(3), status: 'failed' });
  await world.decide(uuid(3), 'refused');
  await world.order({ id: uuid(4), status: 'queued' });
});
afterAll(async () => {
  await world.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function record(name: string, expectSettled: boolean) {
  const file = join(folder, name);
  const recorder = recordAnswers(file);
  const open = async (key: Checked) => recorder.of(key, await openSnapshot(key, world.services[key].databaseUrl));
  const found = await checkDatabasesFully({ services: world.services, open, expectSettled });
  await recorder.close();
  return { file, found };
}

const NOWHERE = { databaseUrl: 'recorded' };
const NONE = { order: NOWHERE, inventory: NOWHERE, payment: NOWHERE, provider: NOWHERE };

it.each([true, false])(
  'recorded answers give the same findings without the databases (settled: %s)',
  async (settled) => {
    const { file, found } = await record(`settled-${settled}`, settled);
    const invariants = new Set(found.violations.map(({ invariant }) => invariant));
    expect([...invariants]).toEqual(expect.arrayContaining(['I5', 'I12', ...(settled ? ['I8'] : [])]));
    const again = await checkDatabasesFully({ services: NONE, open: replayAnswers(file), expectSettled: settled });
    expect(again).toEqual(found);
  },
);

it('recorded answers are refused for queries that they do not fit', async () => {
  const { file } = await record('other', true);
  const check = checkDatabasesFully({ services: NONE, open: replayAnswers(file), expectSettled: false });
  await expect(check).rejects.toThrow('another version recorded them');
});

it('a file that cannot be written fails the check instead of being short', async () => {
  const recorder = recordAnswers(join(folder, 'no-such-folder/x'));
  const open = async (key: Checked) => recorder.of(key, await openSnapshot(key, world.services[key].databaseUrl));
  const checked = checkDatabasesFully({ services: world.services, open }).then(() => recorder.close());
  await expect(checked).rejects.toThrow(/ENOENT/);
});
