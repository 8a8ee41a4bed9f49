import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_NAMES } from '@valerix/system';
import { describe, expect, it } from 'vitest';
import { dockerfileText, inBuildContext, readDockerfile } from './dockerfile.ts';
import { root } from './render.ts';

const node = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: { node: string } })
  .devDependencies.node;

describe.each([...SERVICE_NAMES, 'laboratory', 'frontend'])('the image of %s', (service) => {
  const stages = readDockerfile(service);
  const last = stages.at(-1);
  const final = last?.instructions ?? [];
  const ofFinal = (name: string) => final.filter((instruction) => instruction.name === name).map(({ text }) => text);
  const run = stages.flatMap(({ instructions }) => instructions).filter(({ name }) => name === 'RUN');

  it('starts from the Node that the tests run on, by its full version', () => {
    expect(stages.map(({ from }) => from).filter((from) => from !== 'base')).toEqual([`node:${node}-bookworm-slim`]);
    expect(last?.name).toBeUndefined();
    expect(stages.length).toBeGreaterThanOrEqual(4);
  });

  it('runs as a numeric user that is not root', () => {
    expect(ofFinal('USER')).toEqual(['1000:1000']);
  });

  it('says by itself whether it is healthy, without curl', () => {
    expect(ofFinal('HEALTHCHECK').join()).toMatch(/--interval=.* CMD \["node", ("-e", .*\/readyz|".*\/probe\.ts"\])/);
  });

  it('has a process 1 that passes SIGTERM on: the process itself, or the parent of a service', () => {
    const parent = service === 'frontend' ? [] : ['["/bin/sh", "/app/packages/service-kit/src/process-one.sh"]'];
    expect(ofFinal('ENTRYPOINT')).toEqual(parent);
    expect(ofFinal('CMD').join()).toMatch(/^\["node", "(src\/main|server)\.ts"\]$/);
  });

  it('installs nothing in the final stage, and removes what installs', () => {
    expect(ofFinal('RUN').join()).toMatch(/^rm -rf .*\/npm/);
    expect(run.filter(({ text }) => /apt|curl|wget|yum|apk/.test(text))).toEqual([]);
  });

  it('installs by the lockfile, without install scripts', () => {
    const installs = run.filter(({ text }) => text.startsWith('npm ') && !text.startsWith('npm run'));
    expect(installs).toHaveLength(1);
    expect(installs[0]?.text).toMatch(/^npm ci .*--ignore-scripts --workspace=\S+ --include-workspace-root=false$/);
    if (service !== 'frontend') expect(installs[0]?.text).toContain('--omit=dev');
  });

  it('holds no secret, and takes no argument that could be one', () => {
    const all = stages.flatMap(({ instructions }) => instructions);
    const unwanted = all.filter(({ name, text }) => name === 'ADD' || (name === 'ARG' && text !== 'SERVICE'));
    expect(unwanted).toEqual([]);
    for (const text of ofFinal('ENV')) expect(text).not.toMatch(/TOKEN|SECRET|PASSWORD|_URL/);
  });

  it('asks no registry for another parser', () => {
    expect(dockerfileText(service)).not.toMatch(/^#\s*syntax/m);
  });
});

it('of all files in git, the build sees manifests and sources: no test, no secret', () => {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  const seen = files.filter(inBuildContext);
  expect(seen).toContain('order-service/src/main.ts');
  expect(seen).toContain('k8s/package.json');
  expect(
    seen.filter((file) => /(^|\/)test\/|\.test\.ts$|\.env|\.md$|^docs|^Makefile|^monitoring\/src/.test(file)),
  ).toEqual([]);
  for (const secret of ['.env', '.valerix/env', 'k8s/overlays/kind/secrets/redis.env', 'frontend/.env.local']) {
    expect(inBuildContext(secret), secret).toBe(false);
  }
});
