import { uncover } from './show-whole.ts';

/** Parts of a page that can take the focus of a control they have lost. */
const PLACES = 'dialog, form, li, section, main';

/**
 * Keeps the focus near its place when an action removes or disables the focused control: it moves to the part of the page around the
 * control, and back once the control is enabled again. Without this it falls to the body, and the keyboard starts at the top.
 * @returns how to end it
 */
export function keepFocus(root: HTMLElement): () => void {
  let last: HTMLElement | null = null;
  /** The elements around `last` when it got the focus, innermost first: a removed element no longer knows them. */
  let around: HTMLElement[] = [];
  let standIn: HTMLElement | null = null;

  const onFocus = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement) || target === standIn) return;
    // After the browser has scrolled to it.
    if (target.matches(':focus-visible')) requestAnimationFrame(() => uncover(target));
    [last, standIn, around] = [target, null, []];
    for (let place = target.parentElement; place !== null; place = place.parentElement) around.push(place);
  };
  // A blur without a cause in the page is the user's: a click beside all controls.
  const onBlur = ({ target }: FocusEvent) => {
    setTimeout(() => {
      if (last !== null && target === last && isUsable(last) && document.activeElement === document.body) last = null;
    });
  };
  const look = () => {
    const { activeElement, body } = document;
    if (last === null) return;
    if (isUsable(last)) {
      if (standIn !== null && activeElement === standIn) last.focus({ preventScroll: true });
    } else if (activeElement === body || activeElement === null || activeElement === last) {
      standIn = around.find((one) => one.isConnected && one.matches(PLACES)) ?? null;
      if (standIn === null) return;
      if (!standIn.hasAttribute('tabindex')) standIn.tabIndex = -1;
      standIn.focus({ preventScroll: true });
    }
  };
  root.addEventListener('focusin', onFocus);
  root.addEventListener('focusout', onBlur);
  const observer = new MutationObserver(look);
  observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] });
  return () => {
    observer.disconnect();
    root.removeEventListener('focusin', onFocus);
    root.removeEventListener('focusout', onBlur);
  };
}

const isUsable = (element: HTMLElement): boolean => element.isConnected && !element.matches(':disabled');
