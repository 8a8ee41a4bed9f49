export type { PostgresHandle } from './servers/postgres-server.ts';
export type { RedisHandle } from './servers/redis-server.ts';
export type { Servers, ServersOptions } from './stack/servers.ts';
export { startServers } from './stack/servers.ts';
export type { ProcessHandle, Stack, StackOptions } from './stack/stack.ts';
export { startStack } from './stack/stack.ts';
