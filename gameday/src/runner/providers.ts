import { execa } from 'execa';
import { request } from 'undici';
import type { HttpProvider, ProcessProvider } from '../experiment/schema.ts';
import type { Effect, Target } from '../targets/target.ts';

const DEFAULT_TIMEOUT_S = 30;
/** The run's target carries out the commands of this program. */
export const TARGET_PROGRAM = 'valerix-target';

/** Sends one request. @throws when there is no answer, or not the expected status */
export async function runHttp(provider: HttpProvider) {
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

/** Runs a program, or a command of the target. @throws when it cannot be carried out, or not in time */
export async function runProcess(
  { path, arguments: given, timeout = DEFAULT_TIMEOUT_S }: ProcessProvider,
  target: Pick<Target, 'act'>,
): Promise<{ output: { status: number; stdout: string; stderr: string }; effect?: Effect }> {
  const words = wordsOf(given);
  if (path === TARGET_PROGRAM) {
    const effect = await target.act(words);
    return { output: { status: 0, stdout: effect.detail, stderr: '' }, effect };
  }
  const options = { timeout: timeout * 1000, reject: false, stripFinalNewline: false, stdin: 'ignore' } as const;
  const { exitCode, stdout, stderr, shortMessage } = await execa(path, words, options);
  if (exitCode === undefined) throw new Error(`${path} cannot be run: ${shortMessage}`);
  return { output: { status: exitCode, stdout, stderr } };
}

export function wordsOf(given: ProcessProvider['arguments'] = []): string[] {
  if (typeof given === 'string') return given.split(/\s+/).filter(Boolean);
  return (Array.isArray(given) ? given : Object.entries(given).flat()).map(String);
}

/** A text as JSON; the text itself when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
