import type { ServiceKey } from '@valerix/system';

/** A text that is cut out of a source file as it is loaded, or put in another's place. */
export interface Cut {
  /** From the root of the repository. */
  file: string;
  find: string;
  replace: string;
}

/** Statements that drop guards of the schemas, which would stop a process without its defence before the checker sees it. */
export type DroppedGuards = Partial<Record<ServiceKey, string>>;

/**
 * The source without what the cuts take out.
 * @throws Error when a text is not there, or there more than once: what is cut then would not be what was meant
 */
export function applyCuts(source: string, cuts: readonly Cut[]): string {
  return cuts.reduce((text, { file, find, replace }) => {
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`${file} has ${times === 0 ? 'no longer' : `${times} times`}: ${find}`);
    return text.replace(find, () => replace);
  }, source);
}
