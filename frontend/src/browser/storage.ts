/** The stored text; `null` without any, or where `localStorage` is disabled. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // In private mode or without space, the value lives until the page closes.
  }
}
