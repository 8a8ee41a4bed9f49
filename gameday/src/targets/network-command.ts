import type { FaultyNetwork, NetworkMode } from './faulty-network.ts';
import { type Effect, unknownCommand } from './target.ts';

/** `network slow 300 100`, `network cut`, `network swallow 50`, `network heal`. */
export function networkCommand(networks: readonly FaultyNetwork[], command: readonly string[]): Effect {
  const mode = modeOf(command);
  for (const network of networks) network.mode = mode;
  if (mode.kind === 'healthy') return { detail: 'the network works again', ends: 'network' };
  const hits = () => networks.reduce((sum, network) => sum + network.hits, 0);
  const before = hits();
  return { detail: command.join(' '), begins: 'network', hits: () => hits() - before };
}

/** @throws {TargetError} for a command it does not know */
export function modeOf(command: readonly string[]): NetworkMode {
  const [, kind, first = '', second = '0'] = command;
  const [a, b] = [Number(first), Number(second)];
  if (kind === 'heal') return { kind: 'healthy' };
  if (kind === 'cut') return { kind: 'cut' };
  if (kind === 'slow' && first && a >= 0 && b >= 0) return { kind: 'slow', ms: a, jitterMs: b };
  if (kind === 'swallow' && first && a > 0 && a <= 100) return { kind: 'swallow', percent: a };
  throw unknownCommand(command);
}
