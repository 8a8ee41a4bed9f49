const WIDTH = 24;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of block characters; a full one stands for `max`. */
export function bar(value: number, max: number): string {
  const eighths = Math.round((Math.max(0, Math.min(1, value / max)) || 0) * WIDTH * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** 12,345 or 1.23: at least three digits, no false precision. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** 1,000,000: a whole number. */
export const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** A Markdown table; the columns after the first are right-aligned unless they hold a bar. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((title, index) => (index === 0 || title === '' ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
