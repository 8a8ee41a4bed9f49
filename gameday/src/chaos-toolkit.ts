import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { PythonProvider } from './experiment/schema.ts';

/** The Chaos Toolkit's own runner, which knows Python: https://chaostoolkit.org. */
const PROGRAM = 'chaos';
/** The limit of an activity in Python, which may wait for a cluster. */
const TIMEOUT_MS = 3_600_000;

/** Whether this machine can run activities in Python. */
export const chaosToolkitIsInstalled = (): boolean => spawnSync(PROGRAM, ['--version']).error === undefined;

/** The data that an activity in Python may use. */
export interface PythonContext {
  configuration: Record<string, unknown>;
  /** As in the experiment; the Chaos Toolkit looks up entries of type env itself. */
  secrets: Record<string, Record<string, unknown>>;
  env: Record<string, string | undefined>;
  /** Aborted: the activity ends, and fails. */
  signal?: AbortSignal;
}

interface Journal {
  run?: { status: string; output: unknown; exception?: string[] }[];
}

/**
 * Runs one activity in Python: the Chaos Toolkit runs an experiment with only this activity. It also finds modules in the working
 * folder.
 * @returns the function's result @throws when the function fails, or the Chaos Toolkit cannot run it
 */
export async function runPython(name: string, provider: PythonProvider, context: PythonContext): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'valerix-chaos-'));
  const [file, journal] = [join(folder, 'experiment.json'), join(folder, 'journal.json')];
  const { configuration, secrets, env, signal } = context;
  const method = [{ type: 'action', name, provider }];
  try {
    const experiment = {
      version: '1.0.0',
      title: name,
      description: name,
      configuration,
      secrets,
      method,
      rollbacks: [],
    };
    await writeFile(file, JSON.stringify(experiment), { mode: 0o600 });
    const { all, shortMessage } = await execa(PROGRAM, ['--no-version-check', 'run', '--journal-path', journal, file], {
      cwd: folder,
      env: { ...env, PYTHONPATH: [process.cwd(), env.PYTHONPATH].filter(Boolean).join(':') },
      timeout: TIMEOUT_MS,
      ...(signal && { cancelSignal: signal }),
      reject: false,
      all: true,
      stdin: 'ignore',
    });
    const text = await readFile(journal, 'utf8').catch(() => {
      throw new Error(`${PROGRAM} wrote no journal: ${shortMessage ?? all}`.slice(0, 500));
    });
    const run = (JSON.parse(text) as Journal).run?.[0];
    if (run?.status === 'succeeded') return run.output;
    throw new Error(run?.exception?.at(-1)?.trim() ?? `${PROGRAM} did not run it`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
