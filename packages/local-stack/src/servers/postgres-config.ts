/** The settings that differ from PostgreSQL's own, written into the cluster at every start. */
export function postgresConfig(port: number, preloadStatStatements: boolean): string {
  const lines = [
    '# Written by "make up" at every start: change packages/local-stack/src/servers/postgres-config.ts instead.',
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    // No socket file: the path of a home may be longer than a socket's name may be.
    "unix_socket_directories = ''",
    // Two services, several replicas each, tests beside them.
    'max_connections = 200',
    // Random keys are looked up all over their index. Of a million orders it has 72 MB, which PostgreSQL's own 128 MB do not
    // keep in memory: there a batch of 24 orders costs it 4.6 ms of CPU, here 3.5, and 3.1 when the table is small.
    'shared_buffers = 512MB',
    // What was answered 201 must survive a power cut here too (I7): both stay as PostgreSQL has them.
    'fsync = on',
    'synchronous_commit = on',
    // The log is for what went wrong; a unique violation is a normal answer in this system.
    'log_min_messages = warning',
    "log_line_prefix = '%m [%p] %q%d '",
  ];
  if (preloadStatStatements) lines.push("shared_preload_libraries = 'pg_stat_statements'");
  return `${lines.join('\n')}\n`;
}
