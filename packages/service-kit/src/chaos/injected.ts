import type { Fault } from '@valerix/contracts';
import { COMMON_ERRORS, NoAnswer, ProblemError } from '../problem.ts';

/** A fault made the step fail. The client gets a problem with the fault's status. */
export class InjectedFault extends ProblemError {
  override name = 'InjectedFault';

  constructor(fault: Fault, status: number) {
    super(
      'INJECTED_FAULT',
      { ...COMMON_ERRORS.INJECTED_FAULT, status },
      `Fault ${fault.id} was injected at ${fault.point}.`,
    );
  }
}

/** A fault cuts the connection of this request: no answer is sent. */
export class InjectedReset extends NoAnswer {
  override name = 'InjectedReset';

  constructor(fault: Fault) {
    super(`fault ${fault.id} cut the connection at ${fault.point}`);
  }
}
