const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether the texts together have each word of a search. Blanks and commas separate words; case and accents make no difference. */
export function hasWords(searched: string, ...texts: ReadonlyArray<string | null>): boolean {
  const all = plain(texts.join(' '));
  return plain(searched)
    .split(/[\s,]+/)
    .every((word) => all.includes(word));
}
