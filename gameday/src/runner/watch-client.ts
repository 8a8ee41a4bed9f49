import pg from 'pg';

/** A connection of a watcher. A failed query ends it; the next one connects anew. */
export class WatchClient {
  readonly #url: string;
  #client: pg.Client | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws when the database cannot be read; the next look catches up */
  async rows<R extends object>(sql: string, values: unknown[]): Promise<R[]> {
    try {
      const client = await this.#connected();
      return (await client.query(sql, values)).rows as R[];
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'gameday-watch',
      connectionTimeoutMillis: 1_000,
      query_timeout: 5_000,
    });
    client.on('error', () => {});
    await client.connect();
    this.#client = client;
    return client;
  }
}
