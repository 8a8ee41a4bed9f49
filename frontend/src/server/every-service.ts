import { auditPage, haltBody, readLine } from '@valerix/contracts';
import { haltEverywhere } from '@valerix/service-kit/halt-everywhere';
import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import type { WholeAudit } from '../live/whole-audit.ts';
import { jsonResponse, problemResponse } from './problem.ts';
import type { Replicas } from './replicas.ts';
import { readOperatorJson } from './service-reads.ts';

interface EveryService {
  readonly replicas: Pick<Replicas, 'all' | 'one' | 'installed'>;
  readonly token: string;
}

/** Long enough for a process that was just killed to be restarted, or forgotten by the others. */
const HALT_LIMIT_MS = 4_000;
const AUDIT_LIMIT_MS = 3_000;
const AUDIT_PAGE = 50;

/**
 * Halts chaos in every process, side by side, with the operator token, so that it needs no identity-service. The answer says which
 * process confirmed.
 * @param by the name in the session, for the audit
 */
export async function haltEvery(
  request: Request,
  body: ArrayBuffer | null,
  by: string,
  every: EveryService,
): Promise<Response> {
  const halt = readLine(haltBody, new TextDecoder().decode(body ?? undefined));
  if (!halt) return problemResponse(request, 'BAD_REQUEST', 'A halt needs a reason of 1 to 500 characters.');
  const targets = SERVICE_KEYS.flatMap((key) =>
    every.replicas.all(key).map((url) => ({ name: declaration(key).name, url })),
  );
  const items = await haltEverywhere(targets, { ...halt, by, token: every.token, limitMs: HALT_LIMIT_MS });
  return jsonResponse({ items });
}

/** The operators' actions at all services in one list, newest first. Its cursor holds one per service: `order:12,inventory:7`. */
export async function auditOfEvery(request: Request, { replicas, token }: EveryService): Promise<Response> {
  const cursors = readCursors(new URL(request.url).searchParams.get('cursor') ?? '');
  if (cursors === null) return problemResponse(request, 'BAD_REQUEST', 'The cursor is not one of this list.');
  const unread: string[] = [];
  const pages = await Promise.all(
    replicas.installed().map(async (key) => {
      const before = cursors.get(key);
      const query = `?limit=${AUDIT_PAGE}${before === undefined ? '' : `&cursor=${before}`}`;
      try {
        const signal = AbortSignal.timeout(AUDIT_LIMIT_MS);
        const page = auditPage.parse(
          await readOperatorJson(`${replicas.one(key)}/api/admin/chaos/audit${query}`, token, signal),
        );
        return { more: page.next_cursor !== null, entries: page.items.map((entry) => ({ key, entry })) };
      } catch {
        unread.push(declaration(key).name);
        return { more: false, entries: [] };
      }
    }),
  );
  const all = pages.flatMap(({ entries }) => entries).sort((a, b) => (a.entry.at < b.entry.at ? 1 : -1));
  const page = all.slice(0, AUDIT_PAGE);
  for (const { key, entry } of page) cursors.set(key, entry.id);
  const more = all.length > page.length || pages.some((one) => one.more);
  const whole: WholeAudit = {
    items: page.map(({ key, entry }) => ({ ...entry, service: declaration(key).name })),
    next_cursor: more ? [...cursors].map((pair) => pair.join(':')).join(',') : null,
    unread,
  };
  return jsonResponse(whole);
}

/** The cursor of each service that has one; `null` if the text is no cursor. */
function readCursors(text: string): Map<ServiceKey, string> | null {
  const pairs = text === '' ? [] : text.split(',').map((pair) => pair.split(':') as [ServiceKey, string]);
  const valid = pairs.every(([key, id]) => SERVICE_KEYS.includes(key) && /^\d{1,19}$/.test(id ?? ''));
  return valid ? new Map(pairs) : null;
}
