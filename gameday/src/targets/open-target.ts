import type { Config } from '../config.ts';
import { startLocalTarget } from './local-target.ts';
import { type Target, TargetError } from './target.ts';

export interface OpenTargetOptions {
  config: Config;
  flags: {
    target?: string | undefined;
    attach?: boolean | undefined;
    yes?: boolean | undefined;
    namespace?: string | undefined;
  };
  replicas: { order?: number | undefined; inventory?: number | undefined };
  seed: number;
  signal: AbortSignal;
  onNotice: (name: string, text: string) => void;
}

/** The target the command line asks for. @throws {TargetError} when it cannot be had */
export async function openTarget(options: OpenTargetOptions): Promise<Target> {
  const { flags } = options;
  const kind = flags.target ?? 'local';
  if (kind === 'local') return startLocalTarget(options);
  throw new TargetError(`There is no target "${kind}"; there are local and kubernetes.`);
}
