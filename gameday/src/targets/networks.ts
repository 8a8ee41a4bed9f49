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
  /** The variables that lead each service's calls through the network. */
  env: Record<ServiceKey, Record<string, string>>;
  /** Until it is called, the networks refuse all connections. */
  leadTo(services: Target['services']): void;
  close(): Promise<void>;
}

/** Opens a faulty network for each caller and each service it calls. */
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
