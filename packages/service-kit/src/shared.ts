/**
 * Shares one call of `work` among all callers while it runs and for `keepMs` after it. A failure reaches the callers that waited for
 * it, and is not kept.
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

    /** The next caller gets a call that starts after this moment. */
    forget(): void {
      current = undefined;
    },
  };
}
