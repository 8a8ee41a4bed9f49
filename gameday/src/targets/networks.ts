import { declaration, perService, SERVICE_KEYS, urlVariable } from '@valerix/system';
import { FaultyNetwork } from './faulty-network.ts';
import type { Target } from './target.ts';

export type Networks = Awaited<ReturnType<typeof openNetworks>>;

/** Opens a faulty network between each service and each service it calls. */
export async function openNetworks(seed: number) {
  const edges = SERVICE_KEYS.flatMap((caller) =>
    declaration(caller).calls.map((called) => ({ caller, called, network: new FaultyNetwork(seed) })),
  );
  const all = edges.map(({ network }) => network);
  await Promise.all(all.map((network) => network.listen()));
  return {
    all,
    /** The variables that lead each service's calls through the network. */
    env: perService((key) =>
      Object.fromEntries(
        edges
          .filter(({ caller }) => caller === key)
          .map(({ called, network }) => [urlVariable(called), `http://127.0.0.1:${network.port}`]),
      ),
    ),
    /** Until it is called, the networks refuse all connections. */
    leadTo(services: Target['services']): void {
      for (const { called, network } of edges) network.leadTo(services[called].urls);
    },
    close: async () => void (await Promise.all(all.map((network) => network.close()))),
  };
}
