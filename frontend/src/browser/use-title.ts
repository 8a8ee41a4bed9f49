import { useEffect } from 'react';

/** Names the tab by what it shows now; the page's own name stays without words. */
export function useTitle(words: string | null): void {
  useEffect(() => {
    if (words === null) return;
    const before = document.title;
    document.title = `${words} · Valerix`;
    return () => {
      document.title = before;
    };
  }, [words]);
}
