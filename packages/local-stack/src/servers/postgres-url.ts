/** The one role of a cluster of ours. */
export const superuser = 'valerix';

/** The address of a database on a cluster of ours. */
export function postgresUrl(password: string, port: number, database: string): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
}
