import { useEffect, useRef } from 'react';

/**
 * For a control that is replaced when it is used: call `expect` when it is, and the element that has the ref next gets
 * the focus, which would be lost otherwise.
 */
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
      // Nothing has the focus while it moves from one place to another: then it is not to be taken away.
      expected.current = document.activeElement !== document.body;
    },
  };
}
