/** Messages of PostgreSQL's protocol: https://www.postgresql.org/docs/18/protocol-message-formats.html */

export interface Message {
  /** Its letter; undefined for the first message of a connection. */
  type: string | undefined;
  bytes: Buffer;
}

/** Cuts what arrives into messages. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);
  #isStarted = false;

  read(bytes: Buffer): Message[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const messages: Message[] = [];
    for (;;) {
      const head = this.#isStarted ? 1 : 0;
      if (this.#rest.length < head + 4) return messages;
      const size = head + this.#rest.readInt32BE(head);
      if (this.#rest.length < size) return messages;
      const type = this.#isStarted ? String.fromCharCode(this.#rest[0] as number) : undefined;
      messages.push({ type, bytes: this.#rest.subarray(0, size) });
      this.#rest = this.#rest.subarray(size);
      this.#isStarted = true;
    }
  }
}

export function message(type: string, ...fields: (Buffer | string | number)[]): Buffer {
  const body = fields.map((field) => {
    if (typeof field === 'string') return Buffer.from(`${field}\0`);
    if (typeof field !== 'number') return field;
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(field);
    return bytes;
  });
  const size = Buffer.alloc(5);
  size.write(type, 'latin1');
  size.writeInt32BE(4 + body.reduce((sum, { length }) => sum + length, 0), 1);
  return Buffer.concat([size, ...body]);
}

const textFrom = (bytes: Buffer, at: number): string => bytes.toString('utf8', at, bytes.indexOf(0, at));

/** The statement of a `Q`, or the name and the statement of a `P`. */
export function statementIn({ type, bytes }: Message): { name: string; sql: string } {
  if (type === 'Q') return { name: '', sql: textFrom(bytes, 5) };
  const name = textFrom(bytes, 5);
  return { name, sql: textFrom(bytes, 6 + Buffer.byteLength(name)) };
}

/** The name of the prepared statement, and the parameters as text, of a `B`. */
export function boundIn({ bytes }: Message): { name: string; values: string[] } {
  let at = bytes.indexOf(0, 5) + 1;
  const name = textFrom(bytes, at);
  at = bytes.indexOf(0, at) + 1;
  at += 2 + 2 * bytes.readInt16BE(at);
  const count = bytes.readInt16BE(at);
  at += 2;
  const values: string[] = [];
  for (let n = 0; n < count; n++) {
    const size = bytes.readInt32BE(at);
    at += 4;
    values.push(size < 0 ? '' : bytes.toString('utf8', at, at + size));
    at += Math.max(0, size);
  }
  return { name, values };
}

/** The letter of the last `Z` of a reply: I, T or E, for no, an open or a failed transaction. */
export const stateIn = (reply: Buffer): string => String.fromCharCode(reply[reply.length - 1] as number);
