import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, it } from 'vitest';
import { openApiDocuments } from '../scripts/openapi-documents.ts';

it.each(Object.values(openApiDocuments))(
  'the OpenAPI document of $name keeps the recommended rules of redocly, each as an error',
  async ({ document }) => {
    const config = await createConfig({ extends: ['recommended-strict'] });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    expect(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)).toEqual(
      [],
    );
  },
);
