import { homedir } from 'node:os';
import { retrying } from '@valerix/service-kit/backoff';
import { execa } from 'execa';
import { Agent, request } from 'undici';
import type { HttpProvider, ProcessProvider } from '../experiment/schema.ts';
import type { Effect, Target } from '../targets/target.ts';
import { textOf } from './substitute.ts';

const DEFAULT_TIMEOUT_S = 30;
/** The run's target carries out the commands of this program. */
export const TARGET_PROGRAM = 'valerix-target';

/** For servers with certificates that this machine does not trust. */
const trustingAll = new Agent({ connect: { rejectUnauthorized: false } });

/** Sends one request, and repeats it up to `max_retries` times without an answer. @throws without an answer or the expected status */
export async function runHttp(provider: Partial<HttpProvider> & Pick<HttpProvider, 'url'>) {
  const { timeout = DEFAULT_TIMEOUT_S, method = 'GET', expected_status: expected, headers = {} } = provider;
  const seconds = Array.isArray(timeout) ? timeout[0] + timeout[1] : timeout;
  const { body, ...type } = method === 'GET' ? {} : encoded(provider.arguments, headers);
  const send = () =>
    request(method === 'GET' ? withQuery(provider) : provider.url, {
      method,
      headers: { ...type, ...headers },
      signal: AbortSignal.timeout(seconds * 1000),
      ...(body !== undefined && { body }),
      ...(provider.verify_tls === false && { dispatcher: trustingAll }),
    });
  const response = await retrying((provider.max_retries ?? 0) + 1, () => true, send);
  const text = await response.body.text();
  if (expected !== undefined && response.statusCode !== expected) {
    throw new Error(`expected ${expected}, got ${response.statusCode}: ${text.slice(0, 300)}`);
  }
  return { status: response.statusCode, headers: response.headers, body: parsed(text) };
}

/** The body for its Content-Type: JSON, an unchanged text, else a form. */
function encoded(given: unknown, headers: Record<string, string>): { body?: string; 'content-type'?: string } {
  if (given === undefined) return {};
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  if (type?.includes('json')) return { body: JSON.stringify(given) };
  if (typeof given !== 'object' || given === null) return { body: String(given) };
  return { body: formOf(given).toString(), 'content-type': 'application/x-www-form-urlencoded' };
}

function withQuery({ url, arguments: given }: Pick<HttpProvider, 'url'> & Partial<HttpProvider>): string {
  if (typeof given !== 'object' || given === null) return url;
  const full = new URL(url);
  for (const [name, value] of formOf(given)) full.searchParams.append(name, value);
  return full.toString();
}

/** A list becomes one pair for each of its values. */
const formOf = (given: object) =>
  new URLSearchParams(
    Object.entries(given).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, String(one)]),
    ),
  );

/** Runs a program, or a command of the target. @throws when it cannot be carried out, or not in time */
export async function runProcess(
  { path, arguments: given, timeout = DEFAULT_TIMEOUT_S }: ProcessProvider,
  target: Pick<Target, 'act'>,
): Promise<{ output: { status: number; stdout: string; stderr: string }; effect?: Effect }> {
  if (path === TARGET_PROGRAM) {
    const effect = await target.act(wordsOf(given));
    return { output: { status: 0, stdout: effect.detail, stderr: '' }, effect };
  }
  const program = path.replace(/^~(?=\/)/, homedir());
  const options = { timeout: timeout * 1000, reject: false, stripFinalNewline: false, stdin: 'ignore' } as const;
  // As in the Chaos Toolkit, the shell runs a text, with its quotes.
  const { exitCode, stdout, stderr, shortMessage } = await (typeof given === 'string'
    ? execa(`${program} ${given}`, { ...options, shell: true })
    : execa(program, wordsOf(given), options));
  if (exitCode === undefined) throw new Error(`${path} cannot be run: ${shortMessage}`);
  return { output: { status: exitCode, stdout, stderr } };
}

/** The words of a command. A text is split at blanks outside of quotes; empty words are dropped. */
export function wordsOf(given: ProcessProvider['arguments'] = []): string[] {
  const words =
    typeof given === 'string'
      ? (given.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'))
      : Array.isArray(given)
        ? given
        : Object.entries(given).flat();
  return words.filter((word) => word !== null && word !== '').map(textOf);
}

/** A text as JSON; the text itself when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
