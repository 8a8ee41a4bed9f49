/** The only role of a stack's cluster. */
export const superuser = 'valerix';

/** The address of a database on a stack's cluster. */
export function postgresUrl(password: string, port: number, database: string): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
}
