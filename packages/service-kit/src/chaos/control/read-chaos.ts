import type { ChaosState } from '@valerix/contracts';
import type { Chaos } from '../chaos.ts';
import { newestLatch } from '../latch.ts';
import { reportOf } from '../replica-report.ts';
import type { HaltStore } from './halt-store.ts';
import { simpleStateOf } from './simple-chaos.ts';

export interface ReadChaosDeps {
  store: Pick<HaltStore, 'readHalt'>;
  chaos: Pick<Chaos, 'registry' | 'reports' | 'sync' | 'injector'>;
}

/** The faults in force, as each process reports them. Without Redis, only those of this process are known, and it says so. */
export function createReadChaos({ store, chaos }: ReadChaosDeps) {
  const { registry, reports, sync, injector } = chaos;

  const ownFaults = () =>
    injector.inForce.map(({ fault, lease, matched, fired }) => ({
      fault,
      remainingMs: lease.remainingMs(),
      matched,
      fired,
    }));

  return async function readChaos(): Promise<ChaosState> {
    await sync.flush().catch(() => {});
    const [snapshot, others, latch] = await Promise.all([
      registry.snapshot().then(
        ({ halt, faults }) => ({ halt, faults, isComplete: true }),
        () => ({ halt: undefined, faults: ownFaults(), isComplete: false }),
      ),
      reports.read().catch(() => []),
      store.readHalt().catch(() => undefined),
    ]);
    const me = reportOf(injector, sync.latch);
    const replicas = [...others.filter(({ replica }) => replica !== me.replica), me];
    return {
      chaos: simpleStateOf(snapshot.faults.map(({ fault }) => fault)),
      halt: newestLatch(sync.latch, snapshot.halt, latch),
      faults: snapshot.faults.map(({ fault, remainingMs, matched, fired }) => ({
        ...fault,
        matched,
        fired,
        remaining_ms: Math.max(0, Math.round(remainingMs)),
        confirmed_by: replicas
          .filter(({ faults }) => faults.some(({ id }) => id === fault.id))
          .map((one) => one.replica),
      })),
      replicas,
      faults_known: snapshot.isComplete,
    };
  };
}
