import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, type StackOptions, startStack } from '@valerix/local-stack';
import { releasePorts, reservePorts } from '@valerix/local-stack/machine/free-ports';
import { declaration, SERVICE_KEYS } from '@valerix/system';
import type { RunningServer } from '../../src/child-process.ts';
import { atHosts } from '../../src/prometheus-config.ts';
import { startPrometheus } from '../../src/prometheus-server.ts';
import { quickRules } from './quick-rules.ts';

export interface ObservedStack {
  stack: Stack;
  prometheus: string;
  orderUrl: string;
  inventoryUrl: string;
  /** A request of the operator. @throws Error unless it is answered 2xx */
  operate(method: string, path: string, body?: unknown): Promise<void>;
  stop(): Promise<void>;
}

/** A real system and a real Prometheus that scrapes it every second with the committed rules. */
export async function startObservedStack(options: StackOptions): Promise<ObservedStack> {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-prometheus-'));
  const [port] = await reservePorts(1);
  const stack = await startStack(options);
  let prometheus: RunningServer | undefined;
  const stop = async () => {
    await prometheus?.stop();
    await stack.stop();
    releasePorts([port as number]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const rules = join(folder, 'rules');
    mkdirSync(rules);
    prometheus = await startPrometheus(folder, port as number, {
      jobs: Object.fromEntries(
        SERVICE_KEYS.map((key) => [
          declaration(key).name,
          atHosts(stack.services[key].urls.map((url) => new URL(url).host)),
        ]),
      ),
      ruleFiles: [quickRules(rules)],
      interval: '1s',
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const inventoryUrl = stack.services.inventory.urls[0] as string;
  return {
    stack,
    prometheus: prometheus.url,
    orderUrl: stack.services.order.urls[0] as string,
    inventoryUrl,
    operate: (method, path, body) => operate(`${inventoryUrl}${path}`, stack.operatorToken, method, body),
    stop,
  };
}

async function operate(url: string, token: string, method: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
}
