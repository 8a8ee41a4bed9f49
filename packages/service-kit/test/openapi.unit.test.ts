import { expect, it } from 'vitest';
import { z } from 'zod';
import { by, json, openApi, problems } from '../src/openapi.ts';
import { COMMON_ERRORS } from '../src/problem.ts';

const operation = (id: string, responses = problems(COMMON_ERRORS)) => ({
  ...by('operator', 'guest')(id),
  summary: 'Read it',
  responses: { 200: json('It.', z.object({})), ...responses },
});
const document = (paths: Parameters<typeof openApi>[0]['paths']) =>
  openApi({ title: 'Test', description: 'A test.', version: '1', paths });

it('says who may call each operation, and describes the credentials that it names', () => {
  expect(document({ '/a': { get: operation('readA') } })).toMatchObject({
    components: { securitySchemes: { operator: { scheme: 'bearer' } } },
    paths: { '/a': { get: { operationId: 'readA', security: [{ operator: [] }, {}] } } },
  });
});

it('documents the refusal that every operation can answer', () => {
  const { paths } = document({ '/a': { get: operation('readA') } }) as {
    paths: Record<string, { get: { responses: Record<string, { description: string; headers: object }> } }>;
  };
  const refusal = paths['/a']?.get.responses['429'];
  expect(refusal?.description).toContain('RATE_LIMITED:');
  expect(Object.keys(refusal?.headers ?? {})).toEqual(['Retry-After', 'RateLimit', 'RateLimit-Policy']);
});

it('refuses a document in which two operations share an id, or one documents no refusal', () => {
  const twice = { '/a': { get: operation('read') }, '/b': { get: operation('read') } };
  expect(() => document(twice)).toThrow('Two operations have the id "read"');
  expect(() => document({ '/a': { get: operation('read', {}) } })).toThrow(
    'documents no answer with a status from 400',
  );
});
