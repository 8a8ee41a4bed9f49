import { styleText } from 'node:util';
import { entryNamed, processTable } from '../stack/process-table.ts';
import { type Level, readableLine } from './log-line.ts';

type Style = Parameters<typeof styleText>[0];

const processStyles: readonly Style[] = ['yellow', 'green', 'cyan', 'magenta'];

function nameStyle(name: string): Style {
  if (name === 'postgres') return 'blue';
  if (name === 'redis') return 'red';
  const place = processTable.findIndex((entry) => entry.key === entryNamed(name)?.key);
  return processStyles.at(place % processStyles.length) as Style;
}

const levelStyles: Partial<Record<Level, Style>> = { warn: 'yellow', error: 'red', fatal: 'red' };

const NAME_WIDTH = 17;

/** Writes the prefixed lines of many processes to one terminal. */
export class Terminal {
  readonly #color: boolean;
  readonly #stream: NodeJS.WriteStream;

  constructor(color: boolean, stream: NodeJS.WriteStream = process.stdout) {
    this.#stream = stream;
    this.#color = color && stream.isTTY === true;
    // The reader of a pipe may close it early ("make up | head"); the stack goes on regardless.
    stream.on('error', () => {});
  }

  say(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  /** Prints an event of a process, such as a restart. */
  notice(name: string, text: string): void {
    this.#write(name, this.#paint('bold', text));
  }

  /** Prints a line of a process's log. */
  log(name: string, line: string): void {
    const { level, text } = readableLine(line);
    const style = level && levelStyles[level];
    this.#write(name, style ? this.#paint(style, text) : text);
  }

  #write(name: string, text: string): void {
    const prefix = this.#paint(nameStyle(name), `${name.padEnd(NAME_WIDTH)} |`);
    for (const line of text.split('\n')) this.#stream.write(`${prefix} ${line}\n`);
  }

  #paint(style: Style, text: string): string {
    return this.#color ? styleText(style, text, { validateStream: false }) : text;
  }
}
