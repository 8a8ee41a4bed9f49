import { once } from 'node:events';
import { Agent, get, type IncomingHttpHeaders } from 'node:http';

export interface Crowd {
  /** How often each status was answered; 0 stands for no answer. */
  statuses: Map<number, number>;
  /** Headers of the last answer with 429. */
  shed: IncomingHttpHeaders | undefined;
  stop(): Promise<void>;
}

/** Clients that ask for `url` again and again without a pause, each on a connection that it keeps. */
export function startCrowd(url: string, clients: number): Crowd {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  let stopped = false;
  const crowd: Crowd = {
    statuses: new Map(),
    shed: undefined,
    async stop() {
      stopped = true;
      await Promise.all(running);
      agent.destroy();
    },
  };
  async function ask(): Promise<number> {
    const [response] = await once(get(url, { agent }), 'response');
    await once(response.resume(), 'end');
    if (response.statusCode === 429) crowd.shed = response.headers;
    return response.statusCode;
  }
  async function client(): Promise<void> {
    while (!stopped) {
      const status = await ask().catch(() => 0);
      crowd.statuses.set(status, (crowd.statuses.get(status) ?? 0) + 1);
    }
  }
  const running = Array.from({ length: clients }, client);
  return crowd;
}
