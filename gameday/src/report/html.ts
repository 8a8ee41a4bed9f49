const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escapeHtml = (value: unknown): string =>
  String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] as string);

/** Markup that is already escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** A template that escapes its values, except markup. Lists are joined; undefined, null and false are left out. */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...values.map(render)));
}

function render(value: unknown): string {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return value === undefined || value === null || value === false ? '' : escapeHtml(value);
}

/** A table row of cells. An entry of `classes` is the class of the cell at its place. */
const row = (cell: 'th' | 'td', values: readonly unknown[], classes: readonly string[]): Markup =>
  html`<tr>${values.map((value, index) => html`<${cell} class="${classes[index]}">${value}</${cell}>`)}</tr>`;

/** A table whose columns after the first hold numbers, unless `classes` says otherwise. */
export function table(head: readonly string[], rows: readonly unknown[][], classes?: readonly string[]): Markup {
  const all = classes ?? head.map((_, index) => (index === 0 ? '' : 'n'));
  return html`<div class="scroll"><table>${row('th', head, all)}${rows.map((values) => row('td', values, all))}</table></div>`;
}

/** A number with its thousands separated: 12 345. */
export const grouped = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** Milliseconds for people: 84 ms, 1.2 s. */
export const duration = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
