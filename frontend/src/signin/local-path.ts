const HERE = 'http://here.invalid';

/**
 * The page of this dashboard that a link names; undefined if the link leads to another site. It is read as browsers read it: they
 * take `\` for `/`, and leave out tabs and line ends.
 */
export function localPath(given: string): string | undefined {
  if (!given.startsWith('/') || !URL.canParse(given, HERE)) return undefined;
  const { origin, pathname, search, hash } = new URL(given, HERE);
  return origin === HERE && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : undefined;
}
