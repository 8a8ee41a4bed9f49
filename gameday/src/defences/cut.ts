import type { ServiceKey } from '@valerix/system';

/** A text to remove from a source file, or to replace, as the file is loaded. */
export interface Cut {
  /** From the root of the repository. */
  file: string;
  find: string;
  replace: string;
}

/** Statements that drop guards of the schemas. A guard would reject what a missing defence lets through. */
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
