import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './render.ts';

export interface Instruction {
  name: string;
  text: string;
}
export interface Stage {
  name: string | undefined;
  from: string;
  instructions: Instruction[];
}

/** The Dockerfile of an image, as it builds it: the dashboard has its own, the others share one with a folder as argument. */
export function dockerfileText(image: string): string {
  if (image === 'frontend') return readFileSync(join(root, 'frontend/Dockerfile'), 'utf8');
  return readFileSync(join(root, 'Dockerfile'), 'utf8').replaceAll(
    '$SERVICE',
    image === 'laboratory' ? 'gameday' : image,
  );
}

/**
 * The stages that make an image, continued lines joined, comments gone. The last one holds the instructions of the stages that it
 * is built on too, down to `base`.
 */
export function readDockerfile(image: string): Stage[] {
  const lines = dockerfileText(image)
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter(Boolean);
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') {
      const [, from = '', stage] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      stages.push({ name: stage, from, instructions: [] });
    } else stages.at(-1)?.instructions.push({ name, text: rest });
  }
  const last = stages.find(({ name }) => name === image) ?? (stages.at(-1) as Stage);
  const chain: Stage[] = [];
  for (let next: Stage | undefined = last; next && next.name !== 'base'; ) {
    const { from }: Stage = next;
    chain.unshift(next);
    next = stages.find(({ name }) => name === from);
  }
  const ownLayers = stages.slice(0, stages.indexOf(chain[0] as Stage));
  const instructions = chain.flatMap((stage) => stage.instructions);
  return [...ownLayers, { name: undefined, from: chain[0]?.from ?? '', instructions }];
}

/** True for a file that .dockerignore lets into the build: of the lines that match, the last one decides. */
export function inBuildContext(path: string): boolean {
  let included = true;
  for (const line of readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')) {
    const [, not, pattern] = /^(!?)([^#\s]+)$/.exec(line.trim()) ?? [];
    if (pattern && asExpression(pattern).test(path)) included = not === '!';
  }
  return included;
}

/** A pattern that matches a folder matches what is in it. A star matches dots too, other than in a shell. */
function asExpression(pattern: string): RegExp {
  const source = pattern
    .replaceAll('.', '\\.')
    .replaceAll(/\*\*\/|\*/g, (star) => (star === '*' ? '[^/]*' : '(?:.*/)?'));
  return new RegExp(`^${source}(?:/|$)`);
}
