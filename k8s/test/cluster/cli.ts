import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { carryOut, commandLine } from '@valerix/local-stack/commands/command-line';
import { type Manifest, ofKind, valuesOf } from '../manifests.ts';
import { renderFolder, root } from '../render-folder.ts';
import { connect, NAMESPACE } from './cluster.ts';
import { type Row, runSteps } from './run-steps.ts';
import { openShop } from './shop.ts';
import { StubCluster } from './stub-cluster.ts';

const VARIABLES = `
Environment variables:
  KUBECONFIG      the cluster; the namespace "${NAMESPACE}" must not exist, because the test deletes it at its end
  OVERLAY         the folder to apply, with its secrets; default: k8s/overlays/kind-whole
  DASHBOARD_URL   the dashboard as seen from here; default: http://localhost:3000`;

const PATIENCE_MS = 600_000;

async function main(env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const stub = !env.KUBECONFIG;
  const folder = env.OVERLAY ?? 'k8s/overlays/kind-whole';
  const manifests = renderFolder(join(root, folder));
  const place = mkdtempSync(join(tmpdir(), 'valerix-cluster-'));
  const standIn = stub ? await StubCluster.start(manifests) : undefined;
  try {
    const cluster = connect(standIn ? { KUBECONFIG: standIn.kubeconfig(place) } : env, standIn ? 5_000 : PATIENCE_MS);
    const namespace = manifests.find(({ kind }) => kind === 'Namespace');
    if (!namespace) throw new Error(`${folder} has no namespace.`);
    if (!(await cluster.isMissing(namespace)))
      throw new Error(`The namespace "${NAMESPACE}" exists. It would be deleted.`);
    const url = standIn?.url ?? env.DASHBOARD_URL ?? 'http://localhost:3000';
    const shop = openShop(url, operatorTokenOf(manifests));
    const patienceMs = standIn ? 5_000 : PATIENCE_MS;
    console.log(`| step | result | seconds | seen |\n|---|---|---|---|`);
    const rows = await runSteps({ cluster, shop, manifests, patienceMs }, stub, (row) => console.log(line(row)));
    if (stub) console.log('\nNo cluster was tested: set KUBECONFIG.');
    return rows.some(({ result }) => result.startsWith('FAILED')) ? 1 : 0;
  } finally {
    await standIn?.stop();
    rmSync(place, { recursive: true });
  }
}

/** The operator token, from the Secrets that are applied. */
function operatorTokenOf(manifests: readonly Manifest[]): string {
  const values = ofKind(manifests, 'Secret').map(valuesOf);
  return values.find(({ OPERATOR_TOKEN }) => OPERATOR_TOKEN)?.OPERATOR_TOKEN ?? '';
}

const line = ({ step, result, seconds, seen }: Row): string =>
  `| ${step} | ${result} | ${seconds.toFixed(1)} | ${seen} |`;

const program = commandLine('npx node k8s/test/cluster/cli.ts')
  .description(
    'Tests an overlay in the cluster of KUBECONFIG, from the first apply to the last delete, and prints one table. Without KUBECONFIG, each ' +
      'step runs against a stub API server: that shows that the test works, and nothing about the cluster.',
  )
  .addHelpText('after', VARIABLES)
  .action(async () => {
    try {
      process.exitCode = await main(process.env);
    } catch (error) {
      console.error((error as Error).message);
      process.exitCode = 1;
    }
  });
await carryOut(program);
