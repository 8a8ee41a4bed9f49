import { useEffect, useRef } from 'react';

/** Keeps the focus when a click replaces its own control: after `expect`, the next element with the ref gets the focus. */
export function useSuccessor<E extends HTMLElement>() {
  const ref = useRef<E>(null);
  const expected = useRef(false);
  useEffect(() => {
    if (!expected.current || ref.current === null) return;
    expected.current = false;
    ref.current.focus();
  });
  return {
    ref,
    expect: () => {
      // While the focus moves elsewhere, `body` has it; then do not take it back.
      expected.current = document.activeElement !== document.body;
    },
  };
}
