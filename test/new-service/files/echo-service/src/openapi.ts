import { anybody, BODY_ERRORS, json, jsonRequest, openApi, problems } from '@valerix/service-kit/openapi';
import { COMMON_ERRORS } from '@valerix/service-kit/problem';
import { echoAnswer, echoBody } from './routes.ts';

export const openApiDocument = openApi({
  title: 'Echo service',
  description: 'Keeps a text and gives it back.',
  version: '1',
  paths: {
    '/api/echo': {
      post: {
        ...anybody('keepText'),
        summary: 'Keep a text',
        requestBody: jsonRequest(echoBody),
        responses: {
          200: json('The text.', echoAnswer),
          ...problems(COMMON_ERRORS, ...BODY_ERRORS, 'DATABASE_UNAVAILABLE'),
        },
      },
    },
  },
});
