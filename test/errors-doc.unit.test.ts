import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorsDocument } from '../scripts/write-errors-doc.ts';

test('docs/errors.md says what the catalogues of both services and of the laboratory say (else: npm run docs:errors)', () => {
  const document = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
  expect(document).toBe(errorsDocument(document));
});
