/** A stream of numbers in [0, 1) that a seed and the parts of a name determine: mulberry32 over an FNV-1a hash. */
export function random(seed: number, ...parts: (string | number)[]): () => number {
  let state = (seed ^ 0x811c9dc5) >>> 0;
  for (const character of parts.join('/')) state = Math.imul(state ^ (character.codePointAt(0) as number), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
