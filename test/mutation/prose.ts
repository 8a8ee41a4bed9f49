/** What is read of a node of the syntax tree. */
interface Node {
  type: string;
  value?: unknown;
  quasis?: { value: { raw: string } }[];
}

const textOf = (node: Node): string => {
  if (node.type === 'StringLiteral') return String(node.value);
  if (node.type === 'TemplateLiteral') return (node.quasis ?? []).map(({ value }) => value.raw).join('');
  return '';
};

/** True for words that people read (messages, details, help), and for programs in another language (SQL, Lua). */
export const isProse = (text: string): boolean => text.includes(' ') && (text.match(/[a-z]{2,}/gi) ?? []).length > 1;

/** Stryker finds the plugin by this name. */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'prose',
    value: {
      shouldIgnore: ({ node }: { node: Node }) => (isProse(textOf(node)) ? 'prose decides nothing' : undefined),
    },
  },
];
