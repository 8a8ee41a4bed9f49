import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKubeClient, kubeConfig } from '../src/targets/kube-client.ts';
import { FakeApiServer } from './support/fake-api-server.ts';

let api: FakeApiServer;
beforeEach(async () => {
  api = await FakeApiServer.listen();
});
afterEach(() => api.server.closeAllConnections());

const folder = mkdtempSync(join(tmpdir(), 'valerix-kube-client-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const namespace = 'shop';

describe('the way to the API server', () => {
  it('should take the token of the pod from its file again when it was renewed', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const mount = join(folder, 'var/run/secrets/kubernetes.io/serviceaccount');
      mkdirSync(mount, { recursive: true });
      const { hostname, port } = new URL(api.url);
      vi.stubEnv('KUBERNETES_SERVICE_HOST', hostname);
      vi.stubEnv('KUBERNETES_SERVICE_PORT', port);
      writeFileSync(join(mount, 'token'), 'first');
      writeFileSync(join(mount, 'ca.crt'), '');
      const config = kubeConfig({ KUBERNETES_SERVICE_HOST: hostname }, folder);
      Object.assign(config.getCurrentCluster() ?? {}, { server: api.url, skipTLSVerify: true });
      const { pods } = createKubeClient(config);
      await pods.listNamespacedPod({ namespace });
      writeFileSync(join(mount, 'token'), 'renewed');
      vi.setSystemTime(Date.now() + 120_000);
      await pods.listNamespacedPod({ namespace });
      expect([...api.tokens]).toEqual(['Bearer first', 'Bearer renewed']);
    } finally {
      vi.useRealTimers();
      vi.unstubAllEnvs();
    }
  });

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
    const list = (user: object) =>
      createKubeClient(kubeConfig({ KUBECONFIG: api.kubeconfig(folder, user) })).pods.listNamespacedPod({ namespace });
    await list({ exec });
    expect([...api.tokens]).toEqual(['Bearer fetched']);
    const missing = { ...exec, command: join(folder, 'no-such-program') };
    await expect(list({ exec: missing })).rejects.toThrow(/no-such-program/);
  });
});
