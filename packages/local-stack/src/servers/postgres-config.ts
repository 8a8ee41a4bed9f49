/** The settings that differ from PostgreSQL's defaults, written into the cluster at every start. */
export function postgresConfig(port: number, preloadStatStatements: boolean): string {
  const lines = [
    '# Written by "make up" at every start: change packages/local-stack/src/servers/postgres-config.ts instead.',
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    // No socket file: the path of a home may exceed the length limit of a socket's name.
    "unix_socket_directories = ''",
    // Room for several replicas of each service, and for tests beside them.
    'max_connections = 200',
    // Random keys read their whole index, 72 MB for a million orders, which the default 128 MB do not keep in memory.
    // A batch of 24 orders costs PostgreSQL 4.6 ms of CPU with the default, 3.5 ms here, 3.1 ms when the table is small.
    'shared_buffers = 512MB',
    // An order answered 201 must survive a power cut here too (I7): keep both defaults.
    'fsync = on',
    'synchronous_commit = on',
    // Log problems only: a unique violation is a normal answer in this system.
    'log_min_messages = warning',
    "log_line_prefix = '%m [%p] %q%d '",
  ];
  if (preloadStatStatements) lines.push("shared_preload_libraries = 'pg_stat_statements'");
  return `${lines.join('\n')}\n`;
}
