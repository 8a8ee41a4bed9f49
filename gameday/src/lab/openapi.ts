import {
  experimentList,
  gamedayAnswer,
  gamedayDetail,
  gamedayId,
  gamedayPage,
  listGamedaysQuery,
  startGamedayBody,
} from '@valerix/contracts';
import {
  anybody,
  BODY_ERRORS,
  json,
  jsonRequest,
  location,
  openApi,
  operatorOnly,
  problems,
} from '@valerix/service-kit/openapi';
import { z } from 'zod';
import { ERRORS } from './errors.ts';

const oneRun = { path: z.object({ id: gamedayId }) };
const noSuchRun = problems(ERRORS, 'VALIDATION_FAILED', 'NOT_FOUND');

/** Served at /openapi.json. */
export const openApiDocument = openApi({
  title: 'Valerix laboratory',
  version: '1',
  description:
    'Game days: the experiments and the runs of this machine. Runs one experiment at a time: against a fresh stack, or in a cluster against the system that the laboratory belongs to.',
  paths: {
    '/api/experiments': {
      get: {
        ...anybody('listExperiments'),
        summary: 'The experiments that come with Valerix',
        responses: { 200: json('All experiments.', experimentList), ...problems(ERRORS) },
      },
    },
    '/api/gamedays': {
      get: {
        ...anybody('listGamedays'),
        summary: 'The runs, newest first, including those of the command line',
        requestParams: { query: listGamedaysQuery },
        responses: { 200: json('A page.', gamedayPage), ...problems(ERRORS, 'VALIDATION_FAILED') },
      },
      post: {
        ...operatorOnly('startGameday'),
        summary: 'Start a game day',
        requestBody: jsonRequest(startGamedayBody),
        responses: {
          202: { ...json('It has started.', gamedayAnswer), headers: location('The address of the run.') },
          ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'GAMEDAY_RUNNING', 'GAMEDAY_NOT_STARTED'),
        },
      },
    },
    '/api/gamedays/{id}': {
      get: {
        ...anybody('getGameday'),
        summary: 'One run, with the points of its charts',
        requestParams: oneRun,
        responses: { 200: json('The run.', gamedayDetail), ...noSuchRun },
      },
    },
    '/api/gamedays/{id}/stream': {
      get: {
        ...anybody('streamGameday'),
        summary: 'The run as events: `snapshot`, `progress` about once a second, `ended`',
        requestParams: oneRun,
        responses: {
          200: { description: 'Server-sent events.', content: { 'text/event-stream': { schema: z.string() } } },
          ...problems(ERRORS, 'VALIDATION_FAILED', 'NOT_FOUND', 'OVERLOADED'),
        },
      },
    },
    '/api/gamedays/{id}/stop': {
      post: {
        ...operatorOnly('stopGameday'),
        summary: 'Roll back and report now; safe to repeat',
        requestParams: oneRun,
        responses: {
          202: json('The run was told to stop.', gamedayAnswer),
          ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'NOT_FOUND', 'GAMEDAY_NOT_RUNNING'),
        },
      },
    },
    '/api/gamedays/{id}/report': {
      get: {
        ...anybody('getReport'),
        summary: 'The report: one HTML page that loads nothing else',
        requestParams: oneRun,
        responses: {
          200: { description: 'The page.', content: { 'text/html': { schema: z.string() } } },
          ...noSuchRun,
        },
      },
    },
    '/api/gamedays/{id}/journal': {
      get: {
        ...anybody('getJournal'),
        summary: 'The journal of the Chaos Toolkit',
        requestParams: oneRun,
        responses: { 200: json('The journal.', z.looseObject({})), ...noSuchRun },
      },
    },
    '/api/gamedays/{id}/history': {
      get: {
        ...operatorOnly('getHistory'),
        summary: 'What each client did and was told, one line of JSON each',
        requestParams: oneRun,
        responses: {
          200: { description: 'The history.', content: { 'application/x-ndjson': { schema: z.looseObject({}) } } },
          ...noSuchRun,
          ...problems(ERRORS, 'UNAUTHORIZED'),
        },
      },
    },
  },
});
