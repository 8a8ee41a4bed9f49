import type { ClientBase } from 'pg';

const POOLER =
  'DATABASE_URL leads to a connection pooler, such as PgBouncer. Name the PostgreSQL server itself: sessions keep settings, ' +
  'prepared statements and locks, and DATABASE_POOL_MAX already bounds the connections of a process.';

const AUTHORITY =
  'Name the file with the certificate of its authority in NODE_EXTRA_CA_CERTS, or as sslrootcert=… in DATABASE_URL.';

/** Adds advice to the message of a connection error. @returns true if waiting would not help */
export function advise(error: Error & { code?: string }): boolean {
  const { code = '', message } = error;
  const advice =
    code === '08P01' && message.includes('startup parameter')
      ? POOLER
      : /^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_UNTRUSTED)/.test(code)
        ? AUTHORITY
        : message === 'The server does not support SSL connections'
          ? 'Take sslmode out of DATABASE_URL.'
          : undefined;
  if (advice) {
    error.message = `${message}. ${advice}`;
    // A fatal error is printed with its stack, which holds the original message.
    error.stack = error.stack?.replace(message, error.message);
  }
  return advice !== undefined || message === POOLER;
}

/**
 * Compares the pid that the server gave at the start of the session with the pid that answers: a pooler gives one of its own.
 * @throws Error when another program stands between this client and the server
 */
export async function refusePooler(client: ClientBase): Promise<void> {
  const { processID } = client as ClientBase & { processID: number };
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  if (rows[0]?.pid !== processID) throw new Error(POOLER);
}
