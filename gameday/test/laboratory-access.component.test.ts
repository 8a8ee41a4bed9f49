import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf } from '../../test/support/contract.ts';
import { bearer, type Issuer, startIssuer, unsigned } from '../../test/support/issuer.ts';
import { SECRETS, type ServiceProcess, startService, TOKEN } from '../../test/support/service-process.ts';
import { openApiDocument } from '../src/lab/openapi.ts';

const home = mkdtempSync(join(tmpdir(), 'valerix-laboratory-access-'));
let issuer: Issuer;
let laboratory: ServiceProcess;
beforeAll(async () => {
  issuer = await startIssuer();
  laboratory = await startService('gameday', { VALERIX_HOME: home, IDENTITY_URL: issuer.url });
});
afterAll(async () => {
  await laboratory.stop();
  await issuer.leave();
  rmSync(home, { recursive: true });
});

const NO_RUN = '2026-01-01T00-00-00-none';
/** Every operation, and who may use it. What is asked for is not there, or not valid: no run is started. */
const TABLE: Record<string, 'anyone' | 'operator'> = {
  'GET /api/experiments': 'anyone',
  'GET /api/gamedays': 'anyone',
  'POST /api/gamedays': 'operator',
  'GET /api/gamedays/{id}': 'anyone',
  'GET /api/gamedays/{id}/stream': 'anyone',
  'POST /api/gamedays/{id}/stop': 'operator',
  'GET /api/gamedays/{id}/report': 'anyone',
  'GET /api/gamedays/{id}/journal': 'anyone',
  'GET /api/gamedays/{id}/history': 'operator',
};

async function statusOf(operation: string, headers: Record<string, string>): Promise<number> {
  const [method = '', path = ''] = operation.split(' ');
  const body =
    method === 'POST' ? { body: '{}', headers: { ...headers, 'Content-Type': 'application/json' } } : { headers };
  const url = `${laboratory.url}${path.replace('{id}', NO_RUN)}`;
  const response = await fetch(url, { method, ...body, signal: AbortSignal.timeout(10_000) });
  await response.body?.cancel();
  return response.status;
}

it('every operation of the laboratory lets pass who may, and refuses everybody else', async () => {
  expect(Object.keys(TABLE).sort()).toEqual(contractOf(openApiDocument, TOKEN).operations.toSorted());
  const operator = { roles: ['operator' as const] };
  const people = { guest: {}, customer: bearer(await issuer.token()) };
  const operators = { operator: bearer(await issuer.token(operator)), 'operator token': bearer(TOKEN) };
  const impostors = {
    expired: bearer(await issuer.token(operator, { expiresIn: -60 })),
    'wrong audience': bearer(await issuer.token(operator, { claims: { aud: 'elsewhere' } })),
    'alg none': bearer(unsigned(await issuer.token(operator))),
    'another key': bearer(await issuer.forged(operator)),
    'credential of a service': bearer(SECRETS.ORDER_TO_INVENTORY_CREDENTIAL),
  };
  const wrong: string[] = [];
  for (const [operation, who] of Object.entries(TABLE)) {
    const check = async (senders: Record<string, Record<string, string>>, fits: (status: number) => boolean) => {
      for (const [sender, headers] of Object.entries(senders)) {
        const status = await statusOf(operation, headers);
        if (!fits(status)) wrong.push(`${operation} by ${sender}: ${status}`);
      }
    };
    const passed = (status: number) => ![401, 403].includes(status) && status < 500;
    await check(people, who === 'anyone' ? passed : (status) => [401, 403].includes(status));
    await check(operators, passed);
    await check(impostors, (status) => status === 401);
  }
  expect(wrong).toEqual([]);
  expect(readdirSync(home, { recursive: true }).filter((name) => String(name).includes('history'))).toEqual([]);
});
