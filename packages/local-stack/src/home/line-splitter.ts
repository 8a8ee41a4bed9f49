import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut: a process that never ends its line must not fill our memory. */
const maxLine = 64 * 1024;

/** Cuts a stream of chunks into lines. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > maxLine) {
      lines.push(this.#rest.slice(0, maxLine));
      this.#rest = '';
    }
    for (const line of lines) if (line.trim()) this.#onLine(line.trimEnd());
  }

  /** Hands out the text after the last line end. */
  end(): void {
    if (this.#rest.trim()) this.#onLine(this.#rest.trimEnd());
    this.#rest = '';
  }
}
