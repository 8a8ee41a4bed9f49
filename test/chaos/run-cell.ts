import { randomUUID } from 'node:crypto';
import type { Fault, Order } from '@valerix/contracts';
import { checkDatabases } from '@valerix/gameday/checker';
import { eventually } from '../support/eventually.ts';
import { insist, isFinal, orderRequest } from '../support/good-client.ts';
import { type Answer, ask } from '../support/http.ts';
import { type Cell, cancels, isOfCancelling, isOnReleaseWay, needsQueue, SWEPT, tokenOf } from './sweep-cells.ts';
import { ITEMS, type SweepStack } from './sweep-stack.ts';

export interface CellResult {
  cell: Cell;
  key: string;
  answer: Answer | undefined;
  ms: number;
  /** The violations; empty when every check passed. */
  problems: string[];
}

const itemsOf = ({ shape }: Cell) =>
  ITEMS.slice(0, shape === 'single item' ? 1 : 2).map((item_id) => ({ item_id, quantity: 1 }));

function paymentOf(cell: Cell): object {
  const token = tokenOf(cell);
  return token ? { payment: { token } } : {};
}

/** Thrown when the fault of a cell never fired: the cell then proves nothing. */
class Inconclusive extends Error {
  override name = 'Inconclusive';
}

const PLAYS = 3;
const ENDED = ['confirmed', 'failed', 'cancelled'];

/** Arms exactly one fault once, lets a good client place (and cancel) an order, waits for the end and checks every invariant. */
export async function runCell(lab: SweepStack, cell: Cell): Promise<CellResult> {
  for (let plays = 1; ; plays++) {
    const started = performance.now();
    const result: CellResult = { cell, key: randomUUID(), answer: undefined, ms: 0, problems: [] };
    const error = await play(lab, result).catch((thrown: unknown) => thrown);
    await eventually(() => lab.chaos.clear());
    result.ms = Math.round(performance.now() - started);
    // On a busy machine a call may time out before it reaches the point: repeat the cell.
    if (error instanceof Inconclusive && plays < PLAYS && result.problems.length === 0) continue;
    if (error !== undefined) result.problems.push(String(error));
    return result;
  }
}

async function play(lab: SweepStack, result: CellResult): Promise<void> {
  const { cell, key } = result;
  const { orderUrl } = lab;
  const strikesCancellation = cancels(cell) && isOnReleaseWay(cell);
  const items = itemsOf(cell);

  let fault: Fault | undefined;
  if (!strikesCancellation) fault = await strike(lab, cell);
  // A separate story cancels an order that is still queued.
  else if (isOfCancelling(cell) && cell.shape === 'cancellation') await cutInventoryOff(lab);
  result.answer = await insist(`${orderUrl}/api/orders`, orderRequest(key, items, paymentOf(cell)), isFinal);
  const orderId: string = result.answer.body.order?.order_id ?? result.answer.body.order_id;

  if (cancels(cell)) {
    if (strikesCancellation) fault = await strike(lab, cell);
    await insist(`${orderUrl}/api/orders/${orderId}/cancel`, { method: 'POST' }, ({ status }) => status < 300);
  }

  const order = await ended(orderUrl, orderId, cancels(cell));
  const wanted = cancels(cell) ? 'cancelled' : tokenOf(cell) === 'tok_declined' ? 'failed' : 'confirmed';
  if (order.status !== wanted) result.problems.push(`the order is ${order.status}, not ${wanted}`);
  await fired(lab, fault as Fault, orderId);
  await replays(lab, result);
  for (const { invariant, subject, detail } of await checkDatabases(lab.stack)) {
    const violation = `${invariant} ${subject}: ${detail}`;
    if (!lab.violations.has(violation)) result.problems.push(violation);
    lab.violations.add(violation);
  }
}

/** Arms the cell's fault once, and the faults that make orders pass its point. */
async function strike(lab: SweepStack, cell: Cell): Promise<Fault> {
  const { service, point, type } = cell;
  // A dropped response is released when the fault ends.
  const ttlSeconds = type === 'drop-response' ? 4 : 60;
  const draft = { service, point, type, params: SWEPT[type], max_hits: 1, ttl_seconds: ttlSeconds };
  // It may hit another request, such as the auditor's, before the arming is answered.
  const fault = await lab.chaos.arm(draft).catch((error: unknown) => {
    throw new Inconclusive(`the fault could not be armed: ${error}`);
  });
  if (needsQueue(cell)) await cutInventoryOff(lab);
  return fault;
}

/** The next two calls to the inventory service fail: the order, or its cancellation, waits for the worker. */
async function cutInventoryOff(lab: SweepStack): Promise<void> {
  await lab.chaos.arm({ service: 'order-service', point: 'outbound', type: 'error', max_hits: 2 });
}

/** I8 */
function ended(orderUrl: string, id: string, cancelled: boolean): Promise<Order> {
  return eventually(async () => {
    const { body } = await ask(`${orderUrl}/api/orders/${id}`, { signal: AbortSignal.timeout(3_000) });
    const order = body.order as Order;
    if (!ENDED.includes(order.status) || (cancelled && order.status === 'confirmed'))
      throw new Error(`I8: ${order.status}`);
    return order;
  });
}

/** Checks that the fault fired and that the order's timeline shows it once. */
async function fired(lab: SweepStack, fault: Fault, orderId: string): Promise<void> {
  await eventually(async () => {
    const { body } = await ask(`${lab.orderUrl}/api/orders/${orderId}/events`);
    const marks = body.items.filter((event: { causation_id: string }) => event.causation_id === fault.id);
    if (marks.length !== 1) throw new Inconclusive(`the timeline has ${marks.length} marks of the fault`);
  });
}

/** I7, I10: the key answers with the same bytes for ever, and with 422 to any other order. */
export async function replays({ orderUrl }: SweepStack, result: CellResult): Promise<void> {
  const [items, payment] = [itemsOf(result.cell), paymentOf(result.cell)];
  const again = await insist(`${orderUrl}/api/orders`, orderRequest(result.key, items, payment), isFinal);
  if (again.status !== result.answer?.status || again.text !== result.answer.text) {
    result.problems.push(
      `I10: first ${result.answer?.status} ${result.answer?.text}, then ${again.status} ${again.text}`,
    );
  }
  const other = items.map((line) => ({ ...line, quantity: line.quantity + 1 }));
  const reused = await insist(`${orderUrl}/api/orders`, orderRequest(result.key, other, payment), isFinal);
  if (reused.status !== 422) result.problems.push(`I10: the key took another order: ${reused.status}`);
}
