import { type RefObject, useEffect, useRef } from 'react';

/** Space between a shown element and what covered it, px. */
const GAP = 8;

/** Scrolls an element out from under a part that stays in place while the page scrolls. Such a part has `data-on-top`; the header is none, because its height is part of the page's `scroll-padding`. */
export function uncover(element: HTMLElement): void {
  const { left, top, bottom, width } = element.getBoundingClientRect();
  const over = (y: number) => {
    const part = document.elementFromPoint(left + width / 2, y)?.closest('[data-on-top]');
    return !part || part.contains(element) ? null : part.getBoundingClientRect();
  };
  const [above, below] = [over(top + 1), over(bottom - 1)];
  if (above) scrollBy(0, top - above.bottom - GAP);
  else if (below) scrollBy(0, bottom - below.top + GAP);
}

/** Scrolls as little as shows an element. */
export function showWhole(element: HTMLElement): void {
  element.scrollIntoView({ block: 'nearest' });
  uncover(element);
}

/** Shows the element with this ref whenever `outcome` changes to another one than null: it may be out of view. */
export function useShown<E extends HTMLElement>(outcome: unknown): RefObject<E | null> {
  const ref = useRef<E>(null);
  useEffect(() => {
    if (outcome !== null && ref.current !== null) showWhole(ref.current);
  }, [outcome]);
  return ref;
}
