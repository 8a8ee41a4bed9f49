import { type Finding, judgeItemFacts } from './judge-integrity.ts';

interface Account {
  broughtInBefore: number;
  broughtIn: number;
  taken: number;
  takenMin: number;
  takenMax: number;
}

/** An item's sums, as a checkpoint keeps them. */
export interface AccountMemory {
  item_id: string;
  brought_in: number;
  taken: number;
}

/** Adds up the ledger per item, and compares it with the stock that the inventory service shows. */
export class StockReconciler {
  readonly #accounts = new Map<string, Account>();
  readonly #patienceMs: number;
  /** The findings of each item's last read, and since when: a real difference is still there at its next one. */
  #doubtful = new Map<string, { item: string; since: number }>();

  constructor(patienceMs: number, memory: readonly AccountMemory[] = []) {
    this.#patienceMs = patienceMs;
    this.open(memory);
  }

  /** Starts from these sums: of a checkpoint, or of the entries that were dropped from the ledger. */
  open(sums: readonly AccountMemory[]): void {
    for (const { item_id, brought_in, taken } of sums) {
      Object.assign(this.#account(item_id), { broughtIn: brought_in, taken });
    }
    this.mark();
  }

  get memory(): AccountMemory[] {
    return [...this.#accounts].map(([item_id, { broughtIn, taken }]) => ({ item_id, brought_in: broughtIn, taken }));
  }

  entry(type: 'seed' | 'restock' | 'deduct' | 'release', itemId: string, change: number): void {
    const account = this.#account(itemId);
    if (type === 'seed' || type === 'restock') account.broughtIn += change;
    else account.taken -= change;
    account.takenMin = Math.min(account.takenMin, account.taken);
    account.takenMax = Math.max(account.takenMax, account.taken);
  }

  /** Starts a new window, in which the lowest and the highest sums are kept. */
  mark(): void {
    for (const account of this.#accounts.values()) {
      account.broughtInBefore = account.broughtIn;
      account.takenMin = account.takenMax = account.taken;
    }
  }

  /** Compares the stock, read within the window, with the ledger. @returns the findings that have lasted long enough */
  judge(
    stock: readonly {
      item_id: string;
      quantity: number;
      reserved_quantity?: number;
      taken_quantity?: number | undefined;
    }[],
    now: number,
  ): Finding[] {
    const found = stock.flatMap(({ item_id, quantity, reserved_quantity = 0, taken_quantity }) => {
      const account = this.#account(item_id);
      // An older inventory service counts every unit that is taken as reserved.
      return judgeItemFacts({ id: item_id, quantity, reserved: taken_quantity ?? reserved_quantity, ...account });
    });
    const known = this.#doubtful;
    const nameOf = (finding: Finding) => `${finding.invariant} ${finding.subject}`;
    const judged = new Set(stock.map(({ item_id }) => item_id));
    this.#doubtful = new Map([...known].filter(([, { item }]) => !judged.has(item)));
    for (const finding of found) {
      this.#doubtful.set(nameOf(finding), known.get(nameOf(finding)) ?? { item: finding.subject, since: now });
    }
    return found.filter((finding) => {
      const since = known.get(nameOf(finding))?.since;
      return since !== undefined && now - since >= (finding.maybeLate ? this.#patienceMs : 0);
    });
  }

  /** True if the item was wrong at the last read. */
  isDoubtful(itemId: string): boolean {
    return [...this.#doubtful.values()].some(({ item }) => item === itemId);
  }

  #account(itemId: string): Account {
    const known = this.#accounts.get(itemId);
    if (known) return known;
    const account = { broughtInBefore: 0, broughtIn: 0, taken: 0, takenMin: 0, takenMax: 0 };
    this.#accounts.set(itemId, account);
    return account;
  }
}
