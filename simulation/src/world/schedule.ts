/** One thing that will happen. */
export interface Task {
  /** On the world's clock, milliseconds since its start. */
  atMs: number;
  /** Of two tasks of one moment, the smaller comes first. */
  order: number;
  run(): void;
  cancelled: boolean;
}

/** What will happen, by time: a binary heap. */
export class Schedule {
  readonly #heap: Task[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  add(atMs: number, run: () => void): Task {
    const task = { atMs, order: this.#order++, run, cancelled: false };
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent] as Task, task)) break;
      heap[at] = heap[parent] as Task;
      at = parent;
    }
    heap[at] = task;
    return task;
  }

  /** Takes the next task that is not cancelled. */
  next(): Task | undefined {
    for (;;) {
      const task = this.#take();
      if (!task?.cancelled) return task;
    }
  }

  #take(): Task | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child++;
      if (isBefore(last, heap[child] as Task)) break;
      heap[at] = heap[child] as Task;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (a: Task, b: Task): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
