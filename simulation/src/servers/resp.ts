/** The protocol of Redis, version 2: https://redis.io/docs/latest/develop/reference/protocol-spec/ */

export type Value = string | number | null | Value[] | Failure;

/** An error that the server answers. */
export class Failure {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export const OK = Symbol('OK');

export function encode(value: Value | typeof OK): string {
  if (value === OK) return '+OK\r\n';
  if (value === null) return '$-1\r\n';
  if (typeof value === 'number') return `:${value}\r\n`;
  if (typeof value === 'string') return `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
  if (value instanceof Failure) return `-${value.text}\r\n`;
  return `*${value.length}\r\n${value.map(encode).join('')}`;
}

/** Cuts what arrives into commands. */
export class CommandReader {
  #rest: Buffer = Buffer.alloc(0);

  read(bytes: Buffer): string[][] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const commands: string[][] = [];
    for (;;) {
      const found = commandIn(this.#rest);
      if (!found) return commands;
      commands.push(found.words);
      this.#rest = this.#rest.subarray(found.size);
    }
  }
}

/** The first command, and its length; undefined while it is not complete. */
export function commandIn(bytes: Buffer): { words: string[]; size: number } | undefined {
  const line = (from: number) => {
    const end = bytes.indexOf('\r\n', from);
    return end < 0 ? undefined : { text: bytes.toString('latin1', from + 1, end), next: end + 2 };
  };
  const head = line(0);
  if (!head) return undefined;
  let at = head.next;
  const words: string[] = [];
  for (let n = 0; n < Number(head.text); n++) {
    const size = line(at);
    if (!size) return undefined;
    const end = size.next + Number(size.text);
    if (bytes.length < end + 2) return undefined;
    words.push(bytes.toString('utf8', size.next, end));
    at = end + 2;
  }
  return { words, size: at };
}
