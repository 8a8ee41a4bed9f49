import type { PointOf } from '@valerix/contracts';
import { pause } from '@valerix/service-kit/backoff';
import type { FaultContext } from '@valerix/service-kit/chaos/fault-context';
import { InjectedFault } from '@valerix/service-kit/chaos/injected';
import type { Injector } from '@valerix/service-kit/chaos/injector';
import { deadlineIn } from '@valerix/service-kit/deadline';
import { type AnyCommand, ParticipantFailure, type Transport } from '../participant-transport.ts';

/** The failpoint `outbound`: the call to a participant fails as a network fails, within the call's time limit. */
export function withOutboundFaults(injector: Injector<PointOf<'order'>> | undefined, transport: Transport): Transport {
  if (!injector) return transport;
  const { hit } = injector;
  const point = injector.point('outbound');

  async function sendThroughFaults(command: AnyCommand, timeoutMs: number) {
    const deadline = deadlineIn(timeoutMs);
    const inTime = new AbortController();
    const late = pause(timeoutMs, inTime.signal).then(() => {
      if (!inTime.signal.aborted)
        throw new ParticipantFailure('timeout', `no answer within ${Math.round(timeoutMs)} ms`);
    });
    try {
      await Promise.race([hit(point, contextOf(command)), late]);
    } catch (error) {
      throw asFailure(error);
    } finally {
      inTime.abort();
    }
    return transport.send(command, Math.max(0, deadline.remainingMs()));
  }

  return {
    send: (command, timeoutMs) =>
      point.armed === null ? transport.send(command, timeoutMs) : sendThroughFaults(command, timeoutMs),
    close: () => transport.close(),
  };
}

function contextOf(command: AnyCommand): FaultContext {
  return {
    order_id: command.order_id,
    item_ids: command.items?.map(({ item_id }) => item_id) ?? [],
    attempt: command.attempt,
  };
}

function asFailure(error: unknown): ParticipantFailure {
  if (error instanceof ParticipantFailure) return error;
  const { message } = error as Error;
  return new ParticipantFailure(error instanceof InjectedFault ? 'status' : 'connection', message);
}
