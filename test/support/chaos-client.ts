import type { ArmFaultBody, ChaosState, Fault } from '@valerix/contracts';
import type { Stack } from '@valerix/local-stack';
import { type Answer, ask } from './http.ts';

export type Draft = Pick<ArmFaultBody, 'service' | 'point' | 'type'> & Partial<ArmFaultBody>;

/** An operator's client of `/api/admin/chaos`. Every method throws when the answer is not a success. */
export function chaosClient(stack: Pick<Stack, 'operatorToken'>, inventoryUrl: string) {
  const headers = { Authorization: `Bearer ${stack.operatorToken}`, 'Content-Type': 'application/json' };

  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const url = `${inventoryUrl}/api/admin/chaos${path}`;
    const answer = await ask(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }

  return {
    call,
    arm: async (draft: Draft): Promise<Fault> =>
      (await call('POST', '/faults', { ttl_seconds: 60, ...draft })).body.fault,
    disarm: (id: string) => call('DELETE', `/faults/${id}`),
    clear: () => call('DELETE', ''),
    state: async (): Promise<ChaosState> => (await call('GET', '')).body,
    simple: async (body: object): Promise<ChaosState> => (await call('POST', '', body)).body,
    halt: (reason: string) => call('POST', '/halt', { by: 'test', reason }),
    rearm: (reason: string) => call('POST', '/rearm', { by: 'test', reason }),
    /** How often a fault fired so far, on all replicas; 0 when it has ended. */
    async fired(id: string): Promise<number> {
      return (await this.state()).faults.find((fault) => fault.id === id)?.fired ?? 0;
    },
  };
}

export type ChaosClient = ReturnType<typeof chaosClient>;
