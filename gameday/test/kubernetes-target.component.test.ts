import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKubeClient, kubeConfig } from '../src/targets/kube-client.ts';
import { kubernetesTarget } from '../src/targets/kubernetes-target.ts';
import type { Undo } from '../src/undo/undo.ts';
import { pending, plan, undoAll } from '../src/undo/undo-journal.ts';
import { FakeApiServer } from './support/fake-api-server.ts';

const env = {
  ORDER_URL: 'http://o',
  INVENTORY_URL: 'http://i',
  ORDER_DATABASE_URL: 'postgres://o',
  INVENTORY_DATABASE_URL: 'postgres://i',
  OPERATOR_TOKEN: 'token',
};

let api: FakeApiServer;
beforeEach(async () => {
  api = await FakeApiServer.listen();
});
afterEach(() => void api.server.closeAllConnections());

const folder = mkdtempSync(join(tmpdir(), 'valerix-kube-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A client by a kubeconfig with this user. */
const clientOf = (user: object) => createKubeClient(kubeConfig({ KUBECONFIG: api.kubeconfig(folder, user) }));

const open = (user: object = { token: 'secret' }) =>
  kubernetesTarget({ client: clientOf(user), namespace: 'shop', env, pollMs: 5 });

describe('the Kubernetes target', () => {
  it('should kill one pod at once, and see when it is replaced', async () => {
    const target = open();
    const effect = await target.act(['kill', 'inventory-service-2']);
    await effect.over;
    expect(api.requests).toContain('DELETE /api/v1/namespaces/shop/pods/b?gracePeriodSeconds=0');
    expect(api.requests[0]).toBe(
      'GET /api/v1/namespaces/shop/pods?labelSelector=app.kubernetes.io/name=inventory-service',
    );
    expect([...api.tokens]).toEqual(['Bearer secret']);
  });

  it('should restart the pods one after another, each with its grace', async () => {
    await open().act(['restart', 'inventory-service']);
    expect(api.requests.filter((line) => line.startsWith('DELETE'))).toEqual([
      'DELETE /api/v1/namespaces/shop/pods/a?gracePeriodSeconds=30',
      'DELETE /api/v1/namespaces/shop/pods/b?gracePeriodSeconds=30',
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
    await expect(target.heal()).rejects.toThrow(/answered 403 when scaling order-service/);
    expect(api.replicas).toBe(2);
  });

  it('should scale a deployment up again from what a killed runner has written down', async () => {
    const target = open();
    const undo = (await target.undoOf(['stop', 'inventory-service'])) as Undo;
    plan(folder, 'stop it', undo);
    await target.act(['stop', 'inventory-service']);
    const env = { KUBECONFIG: api.kubeconfig(folder, { token: 'secret' }) };
    api.forbidden = 'inventory-service';
    expect(await undoAll(folder, env)).toMatchObject([{ step: 'stop it', failed: true }]);
    api.forbidden = undefined;
    expect(await undoAll(folder, env)).toEqual([
      { step: 'stop it', failed: false, detail: 'inventory-service has 2 replicas again' },
    ]);
    expect([api.replicas, pending(folder)]).toEqual([2, []]);
  });

  it('should not undo a scale that somebody has changed since', async () => {
    api.replicas = 5;
    plan(folder, 'stop it', { do: 'scale', namespace: 'shop', name: 'inventory-service', replicas: 2 });
    await undoAll(folder, { KUBECONFIG: api.kubeconfig(folder, { token: 'secret' }) });
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
    expect(api.ready).toBe(2);
    await over;
  });

  it('should say what it cannot do, and what the server refused', async () => {
    const target = open();
    await expect(target.act(['kill', 'nobody'])).rejects.toThrow(/no such pod of "nobody"/);
    await expect(target.act(['pause', 'inventory-service'])).rejects.toThrow(/not possible in Kubernetes/);
    await expect(target.act(['explode', 'inventory-service'])).rejects.toThrow(/does not know "explode/);
    await expect(target.act(['stop', 'secret'])).rejects.toThrow(/403 .*forbidden by the test/);
    const client = clientOf({ token: 'secret' });
    expect(() => kubernetesTarget({ client, namespace: 'x', env: {} })).toThrow(/Set ORDER_URL/);
  });
});

describe('the way to the API server', () => {
  it('should come from the current context of a kubeconfig', () => {
    const file = join(folder, 'config');
    const ca = Buffer.from('the ca').toString('base64');
    writeFileSync(
      file,
      `current-context: one
contexts: [{name: one, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://k:6443", certificate-authority-data: ${ca}}}]
users: [{name: u, user: {token: abc}}]`,
    );
    const config = kubeConfig({ KUBECONFIG: file });
    expect(config.getCurrentCluster()).toMatchObject({ server: 'https://k:6443', caData: ca });
    expect(config.getCurrentUser()).toMatchObject({ token: 'abc' });
    expect(() => kubeConfig({ KUBECONFIG: '/nowhere' })).toThrow(/no kubeconfig/);
    writeFileSync(file, 'current-context: two\ncontexts: []\nclusters: []\nusers: []');
    expect(() => kubeConfig({ KUBECONFIG: file })).toThrow(/has no usable current context/);
  });

  it('should ask the program that a kubeconfig names, as doctl writes it', async () => {
    const program = join(folder, 'credential.mjs');
    const status = { token: 'fetched', expirationTimestamp: '2999-01-01T00:00:00Z' };
    const credential = { apiVersion: 'client.authentication.k8s.io/v1beta1', kind: 'ExecCredential', status };
    writeFileSync(
      program,
      `console.log(process.argv[2] === 'exec-credential' ? '${JSON.stringify(credential)}' : '{}')`,
    );
    const exec = {
      apiVersion: credential.apiVersion,
      command: process.execPath,
      args: [program, 'exec-credential', '--version=v1beta1'],
      env: null,
      interactiveMode: 'IfAvailable',
      provideClusterInfo: false,
    };
    await open({ exec }).act(['stop', 'inventory-service']);
    expect(api.replicas).toBe(0);
    expect([...api.tokens]).toEqual(['Bearer fetched']);
    const missing = open({ exec: { ...exec, command: join(folder, 'no-such-program') } });
    await expect(missing.act(['stop', 'inventory-service'])).rejects.toThrow(/no-such-program/);
  });
});
