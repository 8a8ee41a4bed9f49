import { replaceGlobals } from './world/globals.ts';
import { replaceSockets } from './world/sockets.ts';

// Before anything is loaded that may keep a clock, a timer or a socket of its own.
replaceGlobals();
replaceSockets();
const { main } = await import('./main.ts');
process.exit(await main(process.argv.slice(2)));
