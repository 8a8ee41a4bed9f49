import { declaration, perService, SERVICE_KEYS, type ServiceKey, urlVariable } from '@valerix/system';
import { FaultyNetwork } from './faulty-network.ts';
import type { Target } from './target.ts';

/** The network between one service and one that it calls. */
interface Edge {
  caller: ServiceKey;
  called: ServiceKey;
  network: FaultyNetwork;
}

export interface Networks {
  all: readonly FaultyNetwork[];
  /** What tells each service to reach those it calls through the network between them. */
  env: Record<ServiceKey, Record<string, string>>;
  /** Until it is called, the networks refuse every connection. */
  leadTo(services: Target['services']): void;
  close(): Promise<void>;
}

/** A faulty network for each call between services. */
export async function openNetworks(seed: number): Promise<Networks> {
  const edges: Edge[] = SERVICE_KEYS.flatMap((caller) =>
    declaration(caller).calls.map((called) => ({ caller, called, network: new FaultyNetwork(seed) })),
  );
  const all = edges.map(({ network }) => network);
  await Promise.all(all.map((network) => network.listen()));
  return {
    all,
    env: perService((key) =>
      Object.fromEntries(
        edges
          .filter(({ caller }) => caller === key)
          .map(({ called, network }) => [urlVariable(called), `http://127.0.0.1:${network.port}`]),
      ),
    ),
    leadTo(services) {
      for (const { called, network } of edges) network.leadTo(services[called].urls);
    },
    close: async () => void (await Promise.all(all.map((network) => network.close()))),
  };
}
