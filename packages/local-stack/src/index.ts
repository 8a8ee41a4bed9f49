export type { PostgresHandle } from './postgres-server.ts';
export type { RedisHandle } from './redis-server.ts';
export type { Servers, ServersOptions } from './servers.ts';
export { startServers } from './servers.ts';
export type { ProcessHandle, Stack, StackOptions } from './stack.ts';
export { startStack } from './stack.ts';
