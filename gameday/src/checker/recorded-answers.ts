import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Checked } from './check-databases.ts';
import type { Snapshot } from './database-stream.ts';

/** One answer of a database to the checker. */
interface Answer {
  database: Checked;
  sql: string;
  values: unknown[];
  rows: object[];
}

/** Writes every answer of the databases to the checker into a file, to check the run again without them. */
export function recordAnswers(file: string) {
  const gzip = createGzip();
  const written = pipeline(gzip, createWriteStream(file));
  // A failed write also fails the query that waits for it, or `close`.
  written.catch(() => {});
  return {
    of: (database: Checked, snapshot: Snapshot): Snapshot => ({
      async query<T extends object>(sql: string, values: unknown[] = []) {
        const { rows } = await snapshot.query<T>(sql, values);
        const answer: Answer = { database, sql, values, rows };
        if (!gzip.write(`${JSON.stringify(answer)}\n`)) await Promise.race([once(gzip, 'drain'), written]);
        return { rows };
      },
      end: () => snapshot.end(),
    }),
    async close(): Promise<void> {
      gzip.end();
      await written;
    },
  };
}

/** Answers the checker from a file of `recordAnswers`: it sends its queries one at a time, always in the same order. */
export function replayAnswers(file: string): (database: Checked) => Promise<Snapshot> {
  const input = createReadStream(file).pipe(createGunzip());
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  return async (database) => ({
    async query<T extends object>(sql: string, values: unknown[] = []) {
      const { value, done } = await lines.next();
      const answer = done ? undefined : (JSON.parse(value) as Answer);
      const asked = JSON.stringify([database, sql, values]);
      if (!answer || JSON.stringify([answer.database, answer.sql, answer.values]) !== asked) {
        throw new Error('The recorded answers do not fit the queries of this checker: another version recorded them.');
      }
      return { rows: answer.rows as T[] };
    },
    end: async () => {},
  });
}
