/**
 * Writes lines between the comments `# generated: NAME` and `# end generated`, with the indentation of the first. A file
 * may have several such regions of one name; the rest of it is written by hand.
 * @param before a missing region goes above the first line with this text
 * @throws Error for a missing region without such a place
 */
export function withRegion(text: string, name: string, lines: readonly string[], before?: string): string {
  const written = text.replaceAll(
    new RegExp(`^( *)# generated: ${name}\n[^]*?^ *# end generated\n`, 'gm'),
    (_, indent: string) => region(indent, name, lines),
  );
  if (text.includes(`# generated: ${name}\n`)) return written;
  const [, place, indent = ''] = new RegExp(`^(( *)${before}\n)`, 'm').exec(text) ?? [];
  if (!before || !place) throw new Error(`There is no region "${name}", and no place for one.`);
  return text.replace(place, () => `${region(indent, name, lines)}\n${place}`);
}

const region = (indent: string, name: string, lines: readonly string[]): string =>
  [`# generated: ${name}`, ...lines, '# end generated'].map((line) => (line ? `${indent}${line}\n` : '\n')).join('');
