import { killPending } from '@valerix/local-stack/machine/after-crash';

// Vitest ends a worker with SIGTERM, which skips Node's exit handlers. Without this, what a failed start or a forgetful test left
// running would go on.
process.once('SIGTERM', () => {
  killPending();
  process.kill(process.pid, 'SIGTERM');
});
