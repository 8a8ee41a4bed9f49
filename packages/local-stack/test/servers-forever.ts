// A test run that is going to be killed: starts servers and never stops them.
import { startServers } from '../src/index.ts';

const { home, postgres, redis } = await startServers();
console.log(JSON.stringify({ home, pids: [postgres.pid, redis.pid] }));
setInterval(() => {}, 60_000);
