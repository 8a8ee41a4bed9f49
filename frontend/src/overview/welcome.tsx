import Link from 'next/link';
import { writeStored } from '../browser/storage.ts';
import { Button } from '../ui/controls.tsx';
import { Icon } from '../ui/icons.tsx';

/** Remembers that the welcome was closed; the layout reads it before the first paint. */
const WELCOMED_KEY = 'valerix.welcomed';

/** What Valerix is and what to do first, for a first visit. */
export function Welcome() {
  const close = () => {
    writeStored(WELCOMED_KEY, 'yes');
    document.documentElement.dataset.welcomed = 'yes';
  };
  return (
    <section aria-label="Welcome" className="welcome card flex flex-wrap items-center gap-x-4 gap-y-2">
      <p className="min-w-[16rem] flex-1 text-lg">
        Valerix takes orders for stock, and neither loses nor doubles one, whatever breaks. Here you watch it work,
        break it, and see that it keeps this promise.
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <Link className="button button-main" href="/chaos/demo">
          Take the tour <Icon name="arrow" size={14} />
        </Link>
        <Link className="button" href="/shop">
          Place an order
        </Link>
        <Link className="button" href="/chaos">
          Break something
        </Link>
        <Button aria-label="Close the welcome" icon="bad" onClick={close} small text="" />
      </div>
    </section>
  );
}
