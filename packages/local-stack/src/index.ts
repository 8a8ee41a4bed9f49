export type { Servers, ServersOptions } from './stack/servers.ts';
export { startServers } from './stack/servers.ts';
export type { Stack, StackOptions } from './stack/stack.ts';
export { startStack } from './stack/stack.ts';
