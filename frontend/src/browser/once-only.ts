import type { MouseEvent } from 'react';

/** A click handler that takes a double click for one, however quickly the first was answered. Without `act` a form is sent. */
export function onceOnly(act?: () => void): (event: MouseEvent) => void {
  return (event) => {
    if (event.detail > 1) event.preventDefault();
    else act?.();
  };
}
