import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CONTROL_CONNECTIONS } from '@valerix/service-kit/chaos/control/open-control';
import { WATCHING_CONNECTIONS } from '@valerix/service-kit/pools';
import { SERVICE_KEYS } from '@valerix/system';
import { composeFile, composePortsFile } from './compose-files.ts';
import { kubernetesFiles, type Read } from './kubernetes-files.ts';

const root = resolve(import.meta.dirname, '../..');

/** Database connections of one replica: DATABASE_POOL_MAX, DATABASE_READ_POOL_MAX, its watchers, and the control API. */
const perReplica = 10 + 3 + WATCHING_CONNECTIONS + CONTROL_CONNECTIONS;
/** PostgreSQL's limit: 6 replicas of each service, one more during an update, and 15 connections for people and backups; rounded up. */
const connections = Math.ceil((15 + 7 * perReplica * SERVICE_KEYS.length) / 100) * 100;

/**
 * The files of compose and Kubernetes generated from `packages/system`, by path. Most are partly written by hand: their
 * current text is an input.
 */
export function deploymentFiles(): Record<string, string> {
  const read: Read = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined);
  const { version } = JSON.parse(read('package.json') as string) as { version: string };
  const files = {
    'docker-compose.yml': composeFile(read('docker-compose.yml') as string, version),
    'docker-compose.ports.yml': composePortsFile(read('docker-compose.ports.yml') as string),
    ...kubernetesFiles(read, version),
  };
  const sized = Object.entries(files).map(([path, text]) => [
    path,
    text.replaceAll(/(max_connections(?:=|: "))\d+/g, `$1${connections}`),
  ]);
  return Object.fromEntries(sized) as Record<string, string>;
}
