import type { OrderStatus } from '@valerix/contracts';
import type { Order, Outcome } from '../../../order-service/src/order.ts';
import { moneySteps } from './money.ts';
import { type Answer, arrive } from './participants.ts';
import type { Rules } from './rules.ts';
import {
  type Command,
  type Kind,
  ORDER,
  priceOf,
  type Row,
  type Step,
  type Stock,
  type Task,
  type World,
} from './world.ts';

/** Two replicas: at most two processes work on an order at the same time. */
const REPLICAS = 2;
const DEADLINE = new Date(1);

/**
 * Everything that can happen to an order next. The first step without a cost is what happens when nothing goes wrong: following it
 * leads to the order's end.
 */
export function* stepsOf(world: World, stock: Stock, kind: Kind, rules: Rules): Generator<Step> {
  for (const task of world.tasks) yield* taskSteps(world, task, stock, kind, rules);
  const price = priceOf(world, kind);
  for (const { money, ...step } of moneySteps(world.money, price, rules))
    yield { ...step, world: { ...world, money }, stock };
  yield* arrivals(world, stock, kind);
  yield* claims(world, stock, kind, rules);
  for (const command of world.late) yield* lateArrivals(world, command, stock, kind, rules);
  yield* crashes(world, stock, kind, rules);
}

function* taskSteps(world: World, task: Task, stock: Stock, kind: Kind, rules: Rules): Generator<Step> {
  if (task.from === null) {
    yield task.does === 'place' ? insert(world, task, stock, rules) : mark(world, task, stock, rules);
    return;
  }
  const command = commandOf(task, kind, rules);
  if (command === null) yield write(world, task, stock, rules);
  else yield* call(world, task, command, stock, kind, rules);
}

/** As much of an order as the rules of the saga look at. */
const asOrder = ({ paid }: Kind): Pick<Order, 'payment_deadline'> => ({ payment_deadline: paid ? DEADLINE : null });

/** What the task asks for, in turn. */
function commandsOf(from: OrderStatus, kind: Kind, rules: Rules): Command[] {
  return rules.factsOf(from).work === 'undo'
    ? rules.undoStepsOf(asOrder(kind)).map(({ undo }) => undo)
    : rules.stepsOf(asOrder(kind)).map(({ op }) => op);
}

/** The next command of the task; null when it has its outcome, or has not begun. */
function commandOf({ from, done, said }: Task, kind: Kind, rules: Rules): Command | null {
  return from === null || said !== undefined ? null : (commandsOf(from, kind, rules)[done] ?? null);
}

const without = (tasks: readonly Task[], task: Task): Task[] => tasks.toSpliced(tasks.indexOf(task), 1);
const replaced = (tasks: readonly Task[], task: Task, by: Task): Task[] => tasks.with(tasks.indexOf(task), by);

/** T0. */
function insert(world: World, task: Task, stock: Stock, rules: Rules): Step {
  if (rules.keyIsTaken(world.created)) {
    const told = `The key of ${ORDER} is taken: the request ends.`;
    return { world: { ...world, tasks: without(world.tasks, task) }, stock, told };
  }
  const row: Row = world.row ?? { status: 'pending', reason: null, answer: null, events: ['order.created'] };
  const tasks = replaced(world.tasks, task, { ...task, from: 'pending' });
  return { world: { ...world, created: world.created + 1, row, tasks }, stock, told: `T0: ${ORDER} is pending.` };
}

/** The start of a cancellation. */
function mark(world: World, task: Task, stock: Stock, rules: Rules): Step {
  const row = world.row as Row;
  const may = rules.sourcesOf('cancelling').includes(row.status);
  const { cancellation, work } = rules.factsOf(row.status);
  if (may || (cancellation === 'begun' && work !== null)) {
    const marked = may ? movedTo(row, 'cancelling', null, rules) : row;
    const tasks = replaced(world.tasks, task, { ...task, from: marked.status });
    return {
      world: { ...world, row: marked, tasks },
      stock,
      told: `The client cancels ${ORDER}: it is ${marked.status}.`,
    };
  }
  const told = `The client cancels ${ORDER}, which is ${row.status}: nothing happens.`;
  return { world: { ...world, tasks: without(world.tasks, task) }, stock, told };
}

const NAMES = { place: 'request', cancel: 'cancellation', settle: 'worker' } as const;
const PARTICIPANTS: Partial<Record<Command, string>> = { charge: 'payment service', refund: 'payment service' };

/** A call to a participant, with every way it can end. */
function* call(world: World, task: Task, command: Command, stock: Stock, kind: Kind, rules: Rules): Generator<Step> {
  const by = `The ${NAMES[task.does]} asks the ${PARTICIPANTS[command] ?? 'warehouse'} to ${command} ${ORDER}`;
  const having = (changed: World, next: Partial<Task>) => ({
    ...changed,
    tasks: replaced(world.tasks, task, { ...task, ...next }),
  });
  const unknown = { said: 'unknown' } as const;
  for (const { answer, told, ...arrived } of arrive(world, command, stock, kind, rules)) {
    const left = arrived.stock;
    const said = answer ? after(task, command, answer, kind, rules) : unknown;
    const twice = { ...arrived.world, late: [...world.late, command] };
    yield { world: having(arrived.world, said), stock: left, told: `${by}: ${told}.` };
    yield {
      world: having(twice, said),
      stock: left,
      cost: 'duplicate',
      told: `${by}: ${told}. A copy of the command is still on its way.`,
    };
    if (answer)
      yield {
        world: having(arrived.world, unknown),
        stock: left,
        cost: 'late',
        told: `${by}: ${told}. The reply is lost.`,
      };
  }
  const late = { ...world, late: [...world.late, command] };
  yield {
    world: having(late, unknown),
    stock,
    cost: 'late',
    told: `${by}: no answer in time. The command is still on its way.`,
  };
  yield { world: having(world, { said: 'not-sent' }), stock, told: `${by}: not sent.` };
}

/** What a task knows after an answer, as `participants.ts` reads it. */
function after(task: Task, command: Command, answer: Answer, kind: Kind, rules: Rules): Partial<Task> {
  const { from, done } = task;
  const undoes = rules.factsOf(from as OrderStatus).work === 'undo';
  const stands = answer.outcome === 'applied' && !answer.released_at && !answer.refunded_at;
  if (undoes && stands) return { said: 'unknown' };
  if (!undoes && !stands) {
    const why = answer.outcome === 'refused' ? answer.reason : 'ORDER_VOIDED';
    return {
      said: 'refused',
      why: why as NonNullable<Task['why']>,
      isFirst: command === 'deduct' || command === 'reserve',
    };
  }
  const isLast = done + 1 === commandsOf(from as OrderStatus, kind, rules).length;
  return { done: done + 1, ...(isLast && { said: undoes ? 'undone' : 'applied' }) };
}

/** T1, or the worker's move: one compare-and-set. */
function write(world: World, task: Task, stock: Stock, rules: Rules): Step {
  const from = task.from as OrderStatus;
  const row = world.row as Row;
  const tasks = without(world.tasks, task);
  const { status, reason } = resultOf(task, from, rules);
  const by = `The ${NAMES[task.does]} writes`;
  if (status === from)
    return { world: { ...world, tasks }, stock, told: `The ${NAMES[task.does]} postpones ${ORDER}.` };
  if (!rules.mayMove(from, status)) {
    return { world: { ...world, tasks, broken: `${from} cannot become ${status}` }, stock, told: `${by} ${status}.` };
  }
  if (!rules.matches(row.status, from)) {
    const told = `${by} nothing: ${ORDER} is no longer ${from}, but ${row.status}.`;
    return { world: { ...world, tasks }, stock, told };
  }
  const moved = movedTo(row, status, reason, rules);
  return { world: { ...world, row: moved, tasks }, stock, told: `${by}: ${ORDER} is ${status}.` };
}

function resultOf({ said, why, isFirst }: Task, from: OrderStatus, rules: Rules): Pick<Row, 'status' | 'reason'> {
  if (said === 'overdue') return { status: 'compensating', reason: 'PAYMENT_TIMEOUT' };
  if (said === 'undone') return { status: rules.statusWhenUndone(from), reason: null };
  if (rules.factsOf(from).work === 'undo') return { status: from, reason: null };
  return rules.statusAfter({ kind: said, reason: why, isFirst, participant: 'inventory', cause: '' } as Outcome);
}

function movedTo(row: Row, status: OrderStatus, why: Row['reason'], rules: Rules): Row {
  const reason = why ?? row.reason;
  const { answer } = rules.factsOf(status);
  const given = answer === 'refusal' ? statusOfRefusal(reason) : answer;
  return { status, reason, answer: row.answer ?? given, events: [...row.events, `order.${status}`] };
}

const statusOfRefusal = (reason: Row['reason']): number =>
  reason === 'CARD_DECLINED' || reason === 'INSUFFICIENT_FUNDS' ? 402 : 422;

/** The client orders, orders again with the same key, or cancels; or the payment deadline passes. */
function* arrivals(world: World, stock: Stock, { paid }: Kind): Generator<Step> {
  const { row, tasks, created } = world;
  const having = (does: Task['does']) => ({ ...world, tasks: [...tasks, { does, from: null, done: 0 }] });
  if (created + tasks.length === 0) yield { world: having('place'), stock, told: `A client orders ${ORDER}.` };
  if (row && paid && !world.overdue) {
    yield {
      world: { ...world, overdue: true },
      stock,
      cost: 'timeout',
      told: `The payment deadline of ${ORDER} passes.`,
    };
  }
  if (tasks.length >= REPLICAS) return;
  if (created + tasks.length > 0) {
    yield { world: having('place'), stock, cost: 'duplicate', told: `The request for ${ORDER} arrives again.` };
  }
  if (row) yield { world: having('cancel'), stock, cost: 'cancellation', told: `A cancellation of ${ORDER} arrives.` };
}

/** A worker claims the order: it is due, or the lease of its owner ended. */
function* claims(world: World, stock: Stock, kind: Kind, rules: Rules): Generator<Step> {
  const { row, tasks, overdue } = world;
  const work = row && rules.factsOf(row.status).work;
  if (!row || !work || tasks.length >= REPLICAS) return;
  const gone = work === 'carry-out' && rules.isOverdue(asOrder(kind), overdue ? DEADLINE : new Date(0));
  const task: Task = { does: 'settle', from: row.status, done: 0, ...(gone && { said: 'overdue' }) };
  const told = `A worker claims ${ORDER}, which is ${row.status}${gone ? ' and overdue' : ''}.`;
  // While another process is at work on it, only a lease that ended too early lets a worker in.
  const cost = tasks.length > 0 ? ({ cost: 'late' } as const) : {};
  yield { world: { ...world, tasks: [...tasks, task] }, stock, ...cost, told };
}

function* lateArrivals(world: World, command: Command, stock: Stock, kind: Kind, rules: Rules): Generator<Step> {
  const late = world.late.toSpliced(world.late.indexOf(command), 1);
  for (const { answer: _, told, ...arrived } of arrive({ ...world, late }, command, stock, kind, rules)) {
    yield { ...arrived, told: `A late ${command} of ${ORDER} arrives: ${told}.` };
  }
}

/** A process dies: any of the tasks may be its own, and each may leave a command on its way. */
function* crashes(world: World, stock: Stock, kind: Kind, rules: Rules): Generator<Step> {
  const fates = world.tasks.map((task) => {
    const command = commandOf(task, kind, rules);
    return [{ tasks: [task], late: [] }, { tasks: [], late: [] }, ...(command ? [{ tasks: [], late: [command] }] : [])];
  });
  for (const fate of product(fates)) {
    const tasks = fate.flatMap((one) => one.tasks);
    if (tasks.length === world.tasks.length) continue;
    const left = fate.flatMap((one) => one.late);
    const dead = world.tasks.filter((task) => !tasks.includes(task)).map(({ does }) => NAMES[does]);
    const trail = left.length > 0 ? ` Its command (${left.join(', ')}) is still on its way.` : '';
    const told = `The order service dies with the ${dead.join(' and the ')} of ${ORDER}.${trail}`;
    yield { world: { ...world, tasks, late: [...world.late, ...left] }, stock, cost: 'crash', isDeath: true, told };
  }
}

function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((all, list) => all.flatMap((one) => list.map((next) => [...one, next])), [[]]);
}
