import { execFile } from 'node:child_process';
import { request } from 'undici';
import type { HttpProvider, ProcessProvider } from '../experiment/schema.ts';
import type { Effect, Target } from '../targets/target.ts';

const DEFAULT_TIMEOUT_S = 30;
/** The program whose commands are carried out here, by the target of the run. */
const TARGET_PROGRAM = 'valerix-target';

interface HttpOutput {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

/** Sends one request. @throws when there is no answer, or not the expected status */
export async function runHttp(provider: HttpProvider): Promise<HttpOutput> {
  const { timeout = DEFAULT_TIMEOUT_S } = provider;
  const seconds = Array.isArray(timeout) ? timeout[0] + timeout[1] : timeout;
  const hasBody = provider.arguments !== undefined && provider.method !== 'GET';
  const response = await request(withQuery(provider), {
    method: provider.method,
    headers: { ...(hasBody && { 'content-type': 'application/json' }), ...provider.headers },
    signal: AbortSignal.timeout(seconds * 1000),
    ...(hasBody && { body: JSON.stringify(provider.arguments) }),
  });
  const text = await response.body.text();
  if (provider.expected_status !== undefined && response.statusCode !== provider.expected_status) {
    throw new Error(`expected ${provider.expected_status}, got ${response.statusCode}: ${text.slice(0, 300)}`);
  }
  return { status: response.statusCode, headers: response.headers, body: parsed(text) };
}

function withQuery({ url, method, arguments: given }: HttpProvider): string {
  if (method !== 'GET' || typeof given !== 'object' || given === null) return url;
  const full = new URL(url);
  for (const [name, value] of Object.entries(given)) full.searchParams.set(name, String(value));
  return full.toString();
}

interface ProcessOutput {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a program, or a command of the target. @throws when the target cannot carry it out, or the time is over */
export async function runProcess(
  provider: ProcessProvider,
  target: Pick<Target, 'act'>,
): Promise<{ output: ProcessOutput; effect?: Effect }> {
  const words = wordsOf(provider.arguments);
  if (provider.path === TARGET_PROGRAM) {
    const effect = await target.act(words);
    return { output: { status: 0, stdout: effect.detail, stderr: '' }, effect };
  }
  const timeout = (provider.timeout ?? DEFAULT_TIMEOUT_S) * 1000;
  return new Promise((resolve, reject) => {
    execFile(provider.path, words, { timeout }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number')
        reject(new Error(`${provider.path} cannot be run: ${error.message}`));
      else resolve({ output: { status: Number(error?.code ?? 0), stdout, stderr } });
    });
  });
}

function wordsOf(given: ProcessProvider['arguments']): string[] {
  if (given === undefined) return [];
  if (typeof given === 'string') return given.split(/\s+/).filter(Boolean);
  return (Array.isArray(given) ? given : Object.entries(given).flat()).map(String);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
