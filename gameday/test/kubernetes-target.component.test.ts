import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { experiment } from '../../k8s/test/chaos-mesh-schema.ts';
import { createKubeClient, kubeConfig } from '../src/targets/kube-client.ts';
import { kubernetesTarget } from '../src/targets/kubernetes-target.ts';
import type { Undo } from '../src/undo/undo.ts';
import { pending, plan, undoAll } from '../src/undo/undo-journal.ts';
import { FakeApiServer } from './support/fake-api-server.ts';

const env = {
  ORDER_URL: 'http://o',
  INVENTORY_URL: 'http://i',
  IDENTITY_URL: 'http://u',
  ORDER_DATABASE_URL: 'postgres://o',
  INVENTORY_DATABASE_URL: 'postgres://i',
  IDENTITY_DATABASE_URL: 'postgres://u',
  OPERATOR_TOKEN: 'token',
};

const role = parseAllDocuments(
  readFileSync(join(import.meta.dirname, '../../k8s/components/laboratory/rbac.yaml'), 'utf8'),
)
  .map(
    (document) => document.toJS() as { kind: string; rules: Record<'apiGroups' | 'resources' | 'verbs', string[]>[] },
  )
  .find(({ kind }) => kind === 'Role');

let api: FakeApiServer;
beforeEach(async () => {
  api = await FakeApiServer.listen();
});
afterEach(() => {
  // Each request of each test, so that the role and the code cannot part.
  for (const { verb, group, resource } of api.accesses) {
    const allowed = role?.rules.some(
      (rule) => rule.apiGroups.includes(group) && rule.resources.includes(resource) && rule.verbs.includes(verb),
    );
    expect(allowed, `the role must allow ${verb} ${resource} of "${group}"`).toBe(true);
  }
  api.server.closeAllConnections();
});

const folder = mkdtempSync(join(tmpdir(), 'valerix-kube-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The environment of a runner outside the cluster. */
const fromOutside = () => ({ KUBECONFIG: api.kubeconfig(folder, { token: 'secret' }) });
const connect = () => createKubeClient(kubeConfig(fromOutside()));
const open = () => kubernetesTarget({ client: connect(), namespace: 'shop', env, pollMs: 5 });

/** Undoes what is written down, as a process does that knows nothing but the folder and the cluster. */
const undoWritten = () => undoAll(folder, fromOutside());

describe('the Kubernetes target', () => {
  it('should kill one pod at once, and see when it is replaced', async () => {
    const target = open();
    const effect = await target.act(['kill', 'inventory-service-2']);
    await effect.over;
    expect(await effect.died).toBe(true);
    expect(api.requests).toContain('DELETE /api/v1/namespaces/shop/pods/inventory-service-b?gracePeriodSeconds=0');
    expect([...api.tokens]).toEqual(['Bearer secret']);
  });

  it('should restart the pods one after another, each with its grace', async () => {
    await open().act(['restart', 'inventory-service']);
    expect(api.requests.filter((line) => line.startsWith('DELETE'))).toEqual([
      'DELETE /api/v1/namespaces/shop/pods/inventory-service-a?gracePeriodSeconds=30',
      'DELETE /api/v1/namespaces/shop/pods/inventory-service-b?gracePeriodSeconds=30',
    ]);
  });

  it('should scale to nothing, and heal to what was there', async () => {
    const target = open();
    await target.act(['stop', 'inventory-service']);
    expect(api.replicas).toBe(0);
    await target.heal();
    expect(api.replicas).toBe(2);
  });

  it('should heal the others when one cannot be healed, and name the one', async () => {
    const target = open();
    for (const name of ['inventory-service', 'order-service']) await target.act(['stop', name]);
    api.forbidden = 'order-service';
    await expect(target.heal()).rejects.toThrow(/answered 403 when reading the scale of order-service/);
    expect(api.replicas).toBe(2);
  });

  it('should scale a deployment up again from what a killed runner has written down', async () => {
    const target = open();
    plan(folder, 'stop it', (await target.undoOf(['stop', 'inventory-service'])) as Undo);
    await target.act(['stop', 'inventory-service']);
    api.forbidden = 'inventory-service';
    expect(await undoWritten()).toMatchObject([{ step: 'stop it', failed: true }]);
    api.forbidden = undefined;
    expect(await undoWritten()).toEqual([
      { step: 'stop it', failed: false, detail: 'inventory-service has 2 replicas again' },
    ]);
    expect([api.replicas, pending(folder)]).toEqual([2, []]);
  });

  it('should not undo a scale that somebody has changed since', async () => {
    api.scale('inventory-service', 5);
    const before = { name: 'inventory-service', kind: 'Deployment' as const, replicas: 2, scalers: [] };
    plan(folder, 'stop it', { do: 'scale', namespace: 'shop', ...before });
    await undoWritten();
    expect(api.replicas).toBe(5);
  });

  it('should leave the scale alone when it is to start what it has not stopped, or has started already', async () => {
    const target = open();
    await target.act(['start', 'inventory-service']);
    expect(api.requests.filter((line) => line.startsWith('PATCH'))).toEqual([]);
    await target.act(['stop', 'inventory-service']);
    await target.act(['start', 'inventory-service']);
    await target.act(['start', 'inventory-service']);
    expect(api.replicas).toBe(2);
    expect(api.requests.filter((line) => line.startsWith('PATCH'))).toHaveLength(2);
  });

  it('should wait for what it has not stopped until all of it is ready', async () => {
    const target = open();
    const { over } = await target.act(['kill', 'inventory-service-2']);
    await target.act(['start', 'inventory-service']);
    expect(api.workloads['inventory-service']?.pods.every(({ unready }) => unready < 0)).toBe(true);
    await over;
  });

  it.each(['postgres', 'redis'])('should stop, start and restore the StatefulSet %s', async (name) => {
    const target = open();
    plan(folder, 'stop it', (await target.undoOf(['stop', name])) as Undo);
    await target.act(['stop', name]);
    expect(api.replicasOf(name)).toBe(0);
    expect(await undoWritten()).toMatchObject([{ failed: false, detail: `${name} has 1 replicas again` }]);
    const next = open();
    await next.act(['stop', name]);
    await next.act(['start', name]);
    expect(api.replicasOf(name)).toBe(1);
    await next.act(['stop', name]);
    await next.heal();
    expect(api.replicasOf(name)).toBe(1);
  });

  it('should pause KEDA for what it stops, so that it stays down, and let KEDA go on afterwards', async () => {
    api.scalers = new Map([
      ['order-service', false],
      ['inventory-service', false],
    ]);
    const target = open();
    plan(folder, 'stop it', (await target.undoOf(['stop', 'order-service'])) as Undo);
    await target.act(['stop', 'order-service']);
    expect([api.replicasOf('order-service'), [...api.scalers.values()]]).toEqual([0, [true, false]]);
    await undoWritten();
    expect([api.replicasOf('order-service'), api.scalers.get('order-service')]).toEqual([2, false]);
    await target.act(['start', 'order-service']).catch(() => {});

    // What a person has paused stays paused.
    api.scalers.set('order-service', true);
    await target.act(['stop', 'order-service']);
    await target.act(['start', 'order-service']);
    expect(api.scalers.get('order-service')).toBe(true);
  });

  it('should say that something has scaled up what was to be down', async () => {
    const target = open();
    await target.act(['stop', 'inventory-service']);
    api.scale('inventory-service', 1);
    await expect(target.act(['start', 'inventory-service'])).rejects.toThrow(/something has scaled it to 1 meanwhile/);
  });

  it('should say what it cannot do, and what the server refused', async () => {
    const target = open();
    await expect(target.act(['kill', 'nobody'])).rejects.toThrow(/no such pod of "nobody"/);
    await expect(target.act(['stop', 'nobody'])).rejects.toThrow(/no Deployment and no StatefulSet "nobody"/);
    await expect(target.act(['explode', 'inventory-service'])).rejects.toThrow(/does not know "explode/);
    await expect(target.act(['network', 'tangle'])).rejects.toThrow(/does not know "network tangle/);
    api.forbidden = 'inventory-service';
    await expect(target.act(['stop', 'inventory-service'])).rejects.toThrow(/403 .*forbidden by the test/);
    const client = connect();
    expect(() => kubernetesTarget({ client, namespace: 'x', env: {} })).toThrow(/Set ORDER_URL/);
  });
});

describe('with Chaos Mesh', () => {
  beforeEach(() => {
    api.chaos = new Map();
  });
  const active = () => [...(api.chaos?.keys() ?? [])];

  it('should kill the process in a pod, and see that it has died and started again', async () => {
    const [pod] = api.workloads['order-service']?.pods ?? [];
    const { over, detail } = await open().act(['crash', 'order-service']);
    expect([detail, pod?.restarts]).toEqual(['the process in order-service-a has died', 1]);
    await over;
    expect(active()).toEqual([]);
  });

  it.each([
    [['pause', 'order-service-2'], ['resume', 'order-service-2'], 'partition'],
    [['network', 'cut'], ['network', 'heal'], 'partition'],
    [['network', 'slow', '150', '100'], ['network', 'heal'], 'delay'],
    [['network', 'swallow', '40'], ['network', 'heal'], 'loss'],
  ])('should carry out %j until %j', async (command, opposite, action) => {
    const target = open();
    const { begins } = await target.act(command);
    expect(active()).toHaveLength(1);
    expect((await target.act(opposite)).ends).toBe(begins);
    expect(active()).toEqual([]);
    // Twice, and without a fault: rollbacks run whatever the method has reached.
    await target.act(opposite);
    expect(api.created).toMatchObject([{ spec: { action } }]);
  });

  it.each([[['pause', 'order-service']], [['network', 'cut']]])(
    'should end %j when it heals, or when its runner is gone',
    async (command) => {
      const target = open();
      plan(folder, 'break it', (await target.undoOf(command)) as Undo);
      await target.act(command);
      expect(await undoWritten()).toMatchObject([{ failed: false }]);
      expect(active()).toEqual([]);
      await target.act(command);
      await target.heal();
      expect(active()).toEqual([]);
    },
  );

  it('should replace the fault of the network by the next one', async () => {
    const target = open();
    await target.act(['network', 'slow', '100']);
    await target.act(['network', 'cut']);
    expect(active()).toEqual(['networkchaos/gameday-order-service-inventory-service']);
  });

  it('should create objects that fit their schemas', async () => {
    const target = open();
    for (const words of ['crash redis', 'pause postgres', 'network cut', 'network slow 25 25', 'network swallow 33']) {
      await target.act(words.split(' '));
    }
    expect(api.created).toHaveLength(5);
    for (const body of api.created) expect(() => experiment('shop').parse(body)).not.toThrow();
  });
});

describe('what stands in the way of an experiment', () => {
  const obstacles = (...commands: string[]) =>
    open().obstacles(commands.map((command) => ({ name: command, command: command.split(' ') })));

  it('should be found before the load starts: Chaos Mesh is missing, or a pod', async () => {
    expect(await obstacles('pause order-service', 'network cut')).toEqual([
      'Chaos Mesh is not installed: the cluster has no NetworkChaos and PodChaos of chaos-mesh.org/v1alpha1.',
    ]);
    expect(await obstacles('kill order-service-2', 'stop redis')).toEqual([]);
    expect(await obstacles('kill order-service-3')).toEqual(['It names 3 pods of order-service, which has 2.']);
    await expect(open().act(['pause', 'order-service'])).rejects.toThrow(/^Chaos Mesh is not installed/);
    await expect(open().act(['network', 'cut'])).rejects.toThrow(/no NetworkChaos of chaos-mesh/);
    await open().act(['network', 'heal']);
    api.chaos = new Map();
    expect(await obstacles('pause order-service', 'network cut')).toEqual([]);
  });

  it('should be found when faults are to be armed and no service takes them', async () => {
    expect(await open().obstacles([{ name: 'arm it' }])).toEqual([
      expect.stringMatching(
        /^It arms faults, but no service lets it: http:\/\/i: .*The component "chaos" turns faults on\.$/,
      ),
    ]);
  });

  it('should be found when the address of a service leads to one of its pods only, as port-forward does', async () => {
    const starts = { alternate: true };
    let asked = 0;
    const service = createServer((_req, res) => {
      res.end(`process_start_time_seconds ${starts.alternate ? 1_000 + (asked++ % 2) : 1_000}\n`);
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    const client = connect();
    const target = kubernetesTarget({ client, namespace: 'shop', env: { ...env, ORDER_URL: url }, pollMs: 5 });
    const restart = [{ name: 'restart it', command: ['restart', 'order-service'] }];
    expect(await target.obstacles(restart)).toEqual([]);
    starts.alternate = false;
    expect(await target.obstacles(restart)).toEqual([
      `${url} leads to one pod of order-service only, as "kubectl port-forward" does. Run it in the cluster.`,
    ]);
    // The pod of another service may go.
    expect(await target.obstacles([{ name: 'kill it', command: ['kill', 'inventory-service'] }])).toEqual([]);
    service.close();
  });
});
