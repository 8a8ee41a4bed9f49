// A test worker whose test never stops what it starts.
import '../../../test/support/end-with-worker.ts';
import { RunningCommand } from '../../../test/support/running-command.ts';
import { startService } from '../../../test/support/service-process.ts';

const service = `console.log('{"msg":"listening","port":1,"pid":' + process.pid + '}'); setInterval(() => {}, 60_000)`;
const started = await startService('provider-simulator', {}, undefined, [process.execPath, '-e', service]);
const command = new RunningCommand('-e', [service], process.env);
await command.says('listening');
console.log(JSON.stringify([started.pid, JSON.parse(command.output).pid]));
