import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf } from '../../test/support/contract.ts';
import { openApiDocument } from '../src/lab/openapi.ts';
import { LaboratoryProcess, TOKEN } from './support/laboratory-process.ts';

// What /openapi.json says is what is answered: status, headers, type, body and code.
const contract = contractOf(openApiDocument, TOKEN);
let home: string;
let laboratory: LaboratoryProcess;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'valerix-laboratory-'));
  laboratory = await LaboratoryProcess.start(home);
});
afterAll(async () => {
  laboratory.kill('SIGTERM');
  await laboratory.exit;
  rmSync(home, { recursive: true, force: true });
});

const on = (operation: string, id: string, init: RequestInit = {}) =>
  contract.send(laboratory.url, { operation, url: operation.split(' ')[1]?.replace('{id}', id), init });
const start = (body: object) =>
  contract.send(laboratory.url, { operation: 'POST /api/gamedays', init: { body: JSON.stringify(body) } });

it('should answer every success and every refusal as it is documented', async () => {
  expect((await start({ experiment: 'mix', seed: 13 })).status).toBe(500);
  const { gameday } = JSON.parse((await start({ experiment: 'mix', duration_s: 600 })).body);
  expect((await start({ experiment: 'mix' })).status).toBe(409);
  const ofOne = contract.operations.filter((one) => one.includes('{id}'));
  for (const operation of ofOne) {
    expect([operation, (await on(operation, '2026-01-01T00-00-00-nothing')).status]).toEqual([operation, 404]);
  }
  await on('GET /api/gamedays/{id}/stream', gameday.id, { method: 'HEAD' });
  for (const operation of ofOne) await on(operation, gameday.id);
  await expect
    .poll(async () => (await laboratory.detail(gameday.id)).gameday.state, { timeout: 15_000 })
    .toBe('finished');
  expect((await on('POST /api/gamedays/{id}/stop', gameday.id)).status).toBe(409);
  for (const operation of contract.operations.filter((one) => one.startsWith('GET'))) await on(operation, gameday.id);
  expect(contract.unseen()).toEqual([]);
});

it.each(contract.misuses)('should answer $operation with $what as it is documented', async (misuse) => {
  const { status } = await contract.send(laboratory.url, misuse);
  expect(status).toBeGreaterThanOrEqual(misuse.least);
  expect(status).toBeLessThan(500);
});
