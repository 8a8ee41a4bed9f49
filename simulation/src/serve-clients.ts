import { createOrderApi, createReader, GUESTS, generate, type HistoryLine, runClient } from '@valerix/gameday/workload';
import { PREFIX, type Scenario, WORKLOAD } from './scenario.ts';
import { OPERATOR_TOKEN, portOf, replicasOf } from './system.ts';
import type { Process, World } from './world/world.ts';

interface ServeOptions {
  world: World;
  /** The process in which all clients live. */
  clients: Process;
  scenario: Scenario;
  /** Takes a line of the history. */
  write(line: HistoryLine): void;
}

/** Lets the clients and readers of the game days do what the scenario plans, from now on. */
export function serveClients({ world, clients, scenario, write }: ServeOptions): { isOver(): boolean } {
  const startMs = world.nowMs;
  const now = () => world.nowMs - startMs;
  const open = new Set<Promise<void>>();
  const reading = new Set<Promise<void>>();
  let started = false;
  world.after(0, clients, () => {
    const history = { write, close: async () => {} };
    const urls = (key: 'order' | 'inventory') => replicasOf(key).map((name) => `http://${name}:${portOf(key)}`);
    const api = createOrderApi(urls('order'), WORKLOAD.timeout_ms, 64, OPERATOR_TOKEN);
    const common = { history, seed: scenario.seed, now };
    const reader = createReader({
      ...common,
      services: { order: { urls: urls('order') }, inventory: { urls: urls('inventory') } },
      operatorToken: OPERATOR_TOKEN,
      customers: GUESTS,
      timeoutMs: WORKLOAD.timeout_ms,
      prefix: PREFIX,
      items: WORKLOAD.items,
    });
    const { signal } = new AbortController();
    const options = {
      ...common,
      api,
      reader,
      workload: WORKLOAD,
      onTrouble: () => {},
      followed: new Set<string>(),
      signal,
    };
    void Promise.all([
      generate(scenario.operations, now, (operation) => runClient(operation, options), open, signal),
      generate(scenario.reads ?? [], now, reader.run, reading, signal),
    ]).then(() => {
      started = true;
    });
  });
  return { isOver: () => started && open.size + reading.size === 0 };
}
