import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Gameday, GamedayDetail } from '@valerix/contracts';

export const TOKEN = 'a-token-of-the-tests';

export interface Answer<T> {
  status: number;
  headers: Headers;
  text: string;
  body: T;
}

/** The laboratory as a process of its own, on a free port. */
export class LaboratoryProcess {
  readonly url: string;
  readonly exit: Promise<void>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: string) {
    this.#child = child;
    this.url = `http://127.0.0.1:${port}`;
    this.exit = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  static async start(home: string, env: Record<string, string> = {}): Promise<LaboratoryProcess> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'stub-laboratory.ts')], {
      env: { ...process.env, VALERIX_HOME: home, PORT: '0', OPERATOR_TOKEN: TOKEN, LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      if (line.startsWith('PORT ')) return new LaboratoryProcess(child, line.slice(5));
    }
    throw new Error('the laboratory ended while it started');
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async ask<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    token = TOKEN,
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null;
    return { status: response.status, headers: response.headers, text, body: json };
  }

  start(body: object) {
    return this.ask<{ gameday: Gameday; detail: string; code: string; errors: { field: string; message: string }[] }>(
      'POST',
      '/api/gamedays',
      body,
    );
  }

  async detail(id: string): Promise<GamedayDetail> {
    return (await this.ask<GamedayDetail>('GET', `/api/gamedays/${id}`)).body;
  }

  /** The events of a run's stream, up to its end. */
  async watch(id: string): Promise<{ event: string; data: Record<string, unknown> }[]> {
    const { text } = await this.ask('GET', `/api/gamedays/${id}/stream`);
    return text.split('\n\n').flatMap((block) => {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      return event ? [{ event, data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] as string) }] : [];
    });
  }
}
