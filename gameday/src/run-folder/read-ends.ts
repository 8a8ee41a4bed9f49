import { open } from 'node:fs/promises';

const END_BYTES = 64 * 1024;

/**
 * The first line of a file and the complete lines at its end, however long the file is. Leaves out a line that is still being
 * written. @throws when there is no such file
 */
export async function readEnds(path: string): Promise<{ first: string; last: string[] }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read = async (from: number, length: number) => {
      const buffer = Buffer.alloc(Math.max(0, length));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
      return buffer.toString('utf8', 0, bytesRead);
    };
    const head = await read(0, Math.min(size, END_BYTES));
    const from = Math.max(0, size - END_BYTES);
    const tail = from === 0 ? head : await read(from, size - from);
    return { first: head.split('\n')[0] ?? '', last: tail.split('\n').slice(from === 0 ? 0 : 1, -1) };
  } finally {
    await file.close();
  }
}
