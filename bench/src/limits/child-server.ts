import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a script of this folder that sends its port and ends with its parent. @throws Error if it ends before it listens */
export async function startChildServer(script: string, args: string[]): Promise<{ url: string; child: ChildProcess }> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = fork(path, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [port] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${script} ${args[0]} ended before it listened.`))),
  ]);
  return { url: `http://127.0.0.1:${port}`, child };
}
