import { useEffect } from 'react';

/** Names the tab by what it shows now; the page's own name stays without words. */
export function useTitle(words: string | null): void {
  useEffect(() => {
    if (words === null) return;
    const before = document.title;
    const title = `${words} · Valerix`;
    document.title = title;
    return () => {
      // The next page may have set its own already. A mark of the notices can stand before the title.
      if (document.title.endsWith(title)) document.title = before;
    };
  }, [words]);
}
