import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type FreshDatabase, freshDatabase, freshRedis, templateName } from '@valerix/local-stack/testing';
import {
  callersOf,
  credentialVariable,
  declaration,
  SERVICE_KEYS,
  type ServiceKey,
  urlVariable,
} from '@valerix/system';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openApiDocuments } from '../scripts/openapi-documents.ts';
import { contractOf } from './support/contract.ts';
import { type FuzzedRequest, requestsOf } from './support/fuzz-request.ts';
import { bearer, type Issuer, startIssuer, unsigned } from './support/issuer.ts';
import { SECRETS, type ServiceProcess, startService, TOKEN } from './support/service-process.ts';

// `make fuzz` sends more, and others each time. A failure names its seed.
const RUNS = Number(process.env.RUNS ?? 300);
const SEED = Number(process.env.SEED ?? 1);

const NOBODYS = 'a-token-that-is-nobodys-4f1c';
const BASIC = btoa(`somebody:${NOBODYS}`);

let issuer: Issuer;
let people: string[];
beforeAll(async () => {
  issuer = await startIssuer();
  const customer = await issuer.token();
  people = [customer, await issuer.token({ roles: ['operator'] }), unsigned(customer)];
});
afterAll(() => issuer.leave());

describe.each(['open', 'closed'])('with ACCESS=%s', (ACCESS) => {
  const services = {} as Record<ServiceKey, ServiceProcess>;
  const databases: FreshDatabase[] = [];
  const agent = new Agent({ keepAlive: true });

  beforeAll(async () => {
    const REDIS_URL = await freshRedis(inject('redisUrl'));
    for (const key of SERVICE_KEYS) {
      const { name, calls } = declaration(key);
      const database = await freshDatabase(inject('postgresUrl'), templateName(key));
      databases.push(database);
      const urls = Object.fromEntries(calls.map((called) => [urlVariable(called), services[called].url]));
      const env = { DATABASE_URL: database.url, REDIS_URL, IDENTITY_URL: issuer.url, ACCESS, ...urls };
      services[key] = await startService(name, env);
    }
    // No fault can be armed: what faults answer, no document names.
    const headers = { ...bearer(TOKEN), 'Content-Type': 'application/json' };
    const url = `${services.inventory.url}/api/admin/chaos/halt`;
    expect((await fetch(url, { method: 'POST', headers, body: '{"reason":"fuzz"}' })).status).toBe(200);
  });
  afterAll(async () => {
    agent.destroy();
    for (const key of SERVICE_KEYS.toReversed()) await services[key]?.stop();
    await Promise.all(databases.map((database) => database.drop()));
  });

  it.each(SERVICE_KEYS)(
    'no request makes the service %s answer what it does not document, send a page, or log a secret',
    async (key) => {
      const document = openApiDocuments[key]?.document as Parameters<typeof requestsOf>[0];
      const contract = contractOf(document, TOKEN);
      const credentials = callersOf(key).map((caller) => SECRETS[credentialVariable(caller, key)]);
      const tokens = [TOKEN, NOBODYS, ...people, ...credentials];
      const headers = [...tokens.map((token) => `Bearer ${token}`), `Basic ${BASIC}`, 'Bearer', 'Bearer a b'];
      const sends = requestsOf(document, headers).filter((sent) => !sent.operation.endsWith('/rearm'));
      const answers = fc.asyncProperty(sends, async (sent) => {
        const answer = await send(services[key].url, sent).catch((error) => {
          // A service may end an idle connection just when it is used again: clients then repeat the request.
          if (!error.reused) throw error;
          return send(services[key].url, sent);
        });
        const problems = contract.problemsOf(sent.operation, answer, answer.text);
        if (answer.status >= 500) problems.push(`it is a failure: ${answer.status} ${answer.text}`);
        if (answer.headers.get('x-content-type-options') !== 'nosniff') problems.push('a browser could show it');
        if (problems.length > 0) throw new Error(`${answer.status}: ${problems.join('; ')}`);
      });
      const run = await fc.check(answers, { numRuns: RUNS, seed: SEED, endOnFailure: true });
      expect(run.failed ? storyOf(run.counterexample?.[0], run.errorInstance) : undefined).toBeUndefined();

      const log = services[key].lines.join('\n');
      expect([...tokens, BASIC].filter((secret) => log.includes(secret))).toEqual([]);
      expect(services[key].running()).toBe(true);
    },
    60_000 + RUNS * 50,
  );

  async function send(base: string, { method, path, headers, body }: FuzzedRequest) {
    const { hostname: host, port } = new URL(base);
    const sent = request({ agent, host, port, method, path });
    for (const [name, value] of headers) sent.setHeader(name, value);
    // Without it, Node.js sends the body of a DELETE as if it were the next request.
    if (body) sent.setHeader('content-length', body.length);
    const [response] = await once(sent.end(body), 'response').catch((error) => {
      throw Object.assign(error, { reused: sent.reusedSocket && error.code === 'ECONNRESET' });
    });
    // A refused body is not read to its end, so its connection may break.
    sent.on('error', () => {});
    const isStream = response.headers['content-type']?.startsWith('text/event-stream');
    if (isStream) response.destroy();
    const text = isStream ? '' : (await buffer(response)).toString();
    return { status: response.statusCode as number, headers: new Headers(response.headers), text };
  }
});

const cut = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text);
const storyOf = (sent: FuzzedRequest | undefined, error: unknown) => [
  `SEED=${SEED}`,
  cut(`${sent?.operation}: ${sent?.method} ${sent?.path}`),
  ...(sent?.headers ?? []).map((pair) => cut(pair.join(': '))),
  cut(String(sent?.body)),
  cut(String((error as Error)?.message)),
];
