import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { createWatch } from '../src/lab/watch-run.ts';

let stop: () => Promise<void> | void = () => {};
afterEach(() => stop());

// I13
it('should keep no place for who left before the game day was found', async () => {
  let found: () => void = () => {};
  const finding = new Promise<void>((resolve) => {
    found = resolve;
  });
  let asked = 0;
  const find = async () => {
    asked++;
    await finding;
    return { gameday: { state: 'running' } } as never;
  };
  const runs = await mkdtemp(join(tmpdir(), 'valerix-watch-'));
  const watch = createWatch({
    runs,
    gamedays: { find },
    maxWatchers: 2,
  });
  const server = createServer(express().get('/:id', watch.handler)).listen(0, '127.0.0.1');
  stop = () => {
    watch.stop();
    server.closeAllConnections();
    server.close();
    return rm(runs, { recursive: true });
  };
  await eventually(() => expect(server.listening).toBe(true));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/run`;

  const leaving = new AbortController();
  const left = Promise.allSettled([1, 2, 3].map(() => fetch(url, { signal: leaving.signal })));
  await eventually(() => expect(asked).toBe(3));
  leaving.abort();
  expect((await left).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
  await eventually(async () => expect(await connections(server)).toBe(0));
  found();
  const answers = await Promise.all([fetch(url), fetch(url)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
});

function connections(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
