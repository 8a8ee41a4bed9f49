import type { ServiceKey } from '@valerix/system';

/** A text that is removed from a source file as it is loaded, or replaced by another. */
export interface Cut {
  /** From the root of the repository. */
  file: string;
  find: string;
  replace: string;
}

/** Statements that drop guards of the schemas. With them, a missing defence would fail before the checker could see it. */
export type DroppedGuards = Partial<Record<ServiceKey, string>>;

/**
 * Applies the cuts to the source.
 * @throws Error when a text is missing or occurs more than once: the cut would not be the intended one
 */
export function applyCuts(source: string, cuts: readonly Cut[]): string {
  return cuts.reduce((text, { file, find, replace }) => {
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`${file} has ${times === 0 ? 'no longer' : `${times} times`}: ${find}`);
    return text.replace(find, () => replace);
  }, source);
}
