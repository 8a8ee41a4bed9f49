import {
  armFaultBody,
  auditPage,
  auditQuery,
  chaosState,
  failpoints,
  faultAnswer,
  faultList,
  haltAnswer,
  haltBody,
  rearmAnswer,
  simpleChaosBody,
} from '@valerix/contracts';
import { z } from 'zod';
import { BODY_ERRORS, json, jsonRequest, location, operatorOnly, problems } from './openapi.ts';
import { COMMON_ERRORS } from './problem.ts';

const oneFault = z.object({ id: z.string() });
const armed = problems(
  COMMON_ERRORS,
  ...BODY_ERRORS,
  'UNAUTHORIZED',
  'CHAOS_HALTED',
  'TOO_MANY_FAULTS',
  'CHAOS_UNAVAILABLE',
  'DATABASE_UNAVAILABLE',
);

/** The control of chaos, which every service mounts and the inventory service documents. */
export const CHAOS_OPERATIONS = {
  '/api/admin/chaos': {
    get: {
      ...operatorOnly('getChaos'),
      summary: 'What is in force on which replica',
      responses: {
        200: json('As the replicas say themselves.', chaosState),
        ...problems(COMMON_ERRORS, 'UNAUTHORIZED'),
      },
    },
    post: {
      ...operatorOnly('setChaos'),
      summary: 'The simple switch: latency, errors, deaths and partial failures of deductions',
      requestBody: { ...jsonRequest(simpleChaosBody), required: false },
      responses: {
        200: json('The state after the change.', chaosState),
        ...armed,
      },
    },
    delete: {
      ...operatorOnly('clearChaos'),
      summary: 'End every fault',
      responses: {
        200: json('The state after the change.', chaosState),
        ...problems(COMMON_ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'CHAOS_UNAVAILABLE', 'DATABASE_UNAVAILABLE'),
      },
    },
  },
  '/api/admin/chaos/faults': {
    get: {
      ...operatorOnly('listFaults'),
      summary: 'The armed faults',
      responses: {
        200: json('The faults.', faultList),
        ...problems(COMMON_ERRORS, 'UNAUTHORIZED', 'CHAOS_UNAVAILABLE'),
      },
    },
    post: {
      ...operatorOnly('armFault'),
      summary: 'Arm a fault; answers when every live replica has it in force, after half a second at most',
      requestBody: jsonRequest(armFaultBody),
      responses: {
        201: { ...json('The fault.', faultAnswer), headers: location('Where the fault is read.') },
        ...armed,
      },
    },
  },
  '/api/admin/chaos/faults/{id}': {
    get: {
      ...operatorOnly('getFault'),
      summary: 'One fault',
      requestParams: { path: oneFault },
      responses: {
        200: json('The fault.', faultAnswer),
        ...problems(COMMON_ERRORS, 'VALIDATION_FAILED', 'UNAUTHORIZED', 'NOT_FOUND', 'CHAOS_UNAVAILABLE'),
      },
    },
    delete: {
      ...operatorOnly('disarmFault'),
      summary: 'End a fault',
      requestParams: { path: oneFault },
      responses: {
        200: json('The fault that was ended.', faultAnswer),
        ...problems(
          COMMON_ERRORS,
          ...BODY_ERRORS,
          'UNAUTHORIZED',
          'NOT_FOUND',
          'CHAOS_UNAVAILABLE',
          'DATABASE_UNAVAILABLE',
        ),
      },
    },
  },
  '/api/admin/chaos/halt': {
    post: {
      ...operatorOnly('haltChaos'),
      summary: 'End all faults in all processes within a second, until re-armed',
      requestBody: jsonRequest(haltBody),
      responses: {
        200: json('The latch, and which processes have confirmed it.', haltAnswer),
        ...problems(COMMON_ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'HALTED_HERE_ONLY', 'HALTED_UNAUDITED'),
      },
    },
  },
  '/api/admin/chaos/rearm': {
    post: {
      ...operatorOnly('rearmChaos'),
      summary: 'Allow faults again',
      requestBody: jsonRequest(haltBody),
      responses: {
        200: json('The latch.', rearmAnswer),
        ...problems(COMMON_ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'DATABASE_UNAVAILABLE', 'CHAOS_UNAVAILABLE'),
      },
    },
  },
  '/api/admin/chaos/audit': {
    get: {
      ...operatorOnly('readAudit'),
      summary: 'What operators did, newest first',
      requestParams: { query: auditQuery },
      responses: {
        200: json('A page.', auditPage),
        ...problems(COMMON_ERRORS, 'VALIDATION_FAILED', 'UNAUTHORIZED', 'DATABASE_UNAVAILABLE'),
      },
    },
  },
  '/api/admin/chaos/failpoints': {
    get: {
      ...operatorOnly('listFailpoints'),
      summary: 'Where faults can be armed, and which',
      responses: { 200: json('The failpoints.', failpoints), ...problems(COMMON_ERRORS, 'UNAUTHORIZED') },
    },
  },
};
