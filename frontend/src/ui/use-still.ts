import { type FocusEvent, type PointerEvent, useRef, useState } from 'react';

/**
 * Keeps a list in its place while the mouse is over it or the focus is in it, so that nothing moves under a click. Entries that are
 * shown stay current; new ones are counted, and come when the list is left or `showNew` is called.
 */
export function useStill<T>(items: readonly T[], keyOf: (item: T) => string) {
  const [held, setHeld] = useState<readonly T[] | null>(null);
  const reasons = useRef(new Set<'mouse' | 'focus'>());
  const hold = (reason: 'mouse' | 'focus') => {
    reasons.current.add(reason);
    setHeld((before) => before ?? items);
  };
  const letGo = (reason: 'mouse' | 'focus') => {
    reasons.current.delete(reason);
    if (reasons.current.size === 0) setHeld(null);
  };
  // A list that was still loading holds nothing yet.
  if (held !== null && held.length === 0 && items.length > 0) setHeld(items);
  return {
    ...stillList(items, held, keyOf),
    showNew: () => setHeld(items),
    area: {
      onPointerEnter: ({ pointerType }: PointerEvent) => pointerType === 'mouse' && hold('mouse'),
      onPointerLeave: () => letGo('mouse'),
      onFocus: () => hold('focus'),
      onBlur: ({ currentTarget, relatedTarget }: FocusEvent) => {
        if (!currentTarget.contains(relatedTarget)) letGo('focus');
      },
    },
  };
}

/** The held entries as they are now, in the order held, and the number of entries that came since. */
export function stillList<T>(items: readonly T[], held: readonly T[] | null, keyOf: (item: T) => string) {
  if (held === null || held.length === 0) return { shown: items, fresh: 0 };
  const current = new Map(items.map((item) => [keyOf(item), item]));
  const known = new Set(held.map(keyOf));
  return {
    shown: held.map((item) => current.get(keyOf(item)) ?? item),
    fresh: items.filter((item) => !known.has(keyOf(item))).length,
  };
}
