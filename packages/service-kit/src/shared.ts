/**
 * One call of `work` for everyone who asks while it runs, or within `keepMs` after it. A failure reaches those who waited for it and is
 * not kept.
 */
export function shared<T>(keepMs: number, work: () => Promise<T>) {
  let current: Promise<T> | undefined;
  return {
    read(): Promise<T> {
      if (current) return current;
      const mine = work();
      const drop = () => {
        if (current === mine) current = undefined;
      };
      current = mine;
      mine.then(() => (keepMs > 0 ? setTimeout(drop, keepMs).unref() : drop()), drop);
      return mine;
    },

    /** The next to ask gets a call that starts after this moment. */
    forget(): void {
      current = undefined;
    },
  };
}
