import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { RUN_FILES } from '../run-folder/run-folder.ts';
import { TargetError } from '../targets/target.ts';

/** The files behind a verdict, and the report that shows it. */
const EVIDENCE = [RUN_FILES.history, RUN_FILES.databases, RUN_FILES.journal, RUN_FILES.report];

const manifest = z.object({ sha256: z.record(z.string(), z.string()) });

/** Writes the hashes of a run's evidence, which reveal a later change. */
export async function writeManifest(folder: string): Promise<void> {
  const sha256 = Object.fromEntries(
    await Promise.all(EVIDENCE.map(async (file) => [file, await hashOf(folder, file)])),
  );
  writeFileSync(join(folder, RUN_FILES.manifest), `${JSON.stringify({ sha256 }, null, 2)}\n`);
}

/** The names of the files that have changed since the run. @throws {TargetError} without a manifest */
export async function changedFiles(folder: string): Promise<string[]> {
  let text: string;
  try {
    text = readFileSync(join(folder, RUN_FILES.manifest), 'utf8');
  } catch {
    throw new TargetError(
      `${folder} has no ${RUN_FILES.manifest}: the run was cut off, or an earlier version made it.`,
    );
  }
  const { sha256 } = manifest.parse(JSON.parse(text));
  const hashes = await Promise.all(EVIDENCE.map((file) => hashOf(folder, file).catch(() => 'missing')));
  return EVIDENCE.filter((file, index) => sha256[file] !== hashes[index]);
}

async function hashOf(folder: string, file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(folder, file)), hash);
  return hash.digest('hex');
}
