import { useSession } from '../browser/hooks.ts';
import { useTask } from '../browser/use-task.ts';
import { Button, TextLink } from './controls.tsx';
import { Note } from './parts.tsx';
import { useSignInHref, useSignOut } from './session-menu.tsx';

type Props = Readonly<{ state: 'ended' | 'over' | 'stale'; dismissed: () => void }>;

/** What a page says while its session or class is over, or `stale`: not renewed, because identity-service does not answer. */
export function SessionNotice({ state, dismissed }: Props) {
  const { operator, refresh } = useSession();
  const href = useSignInHref();
  const signOut = useSignOut();
  const dismissal = useTask();
  const dismiss = () =>
    dismissal.run(async () => {
      dismissed();
      await signOut();
    });
  return (
    <div className="mb-3">
      <Note icon="person" tone="warn">
        {state === 'stale' ? (
          <p>
            The identity service does not answer, so your sign-in could not be renewed. Until it does, you see what
            guests see.{operator ? ' You can still halt chaos. For more, ' : ' '}
            {operator ? <TextLink href={href} text="sign in with a link or the operator token" /> : null}
            {operator ? '. ' : null}
            <Button onClick={() => void refresh()} small text="Try again" />
          </p>
        ) : (
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <strong>{state === 'over' ? 'The class is over.' : 'You were signed out.'}</strong>
            {state === 'over' ? null : <TextLink href={href} text="Sign in again" />}
            <Button disabled={dismissal.busy} onClick={dismiss} small text="Go on as a guest" />
          </p>
        )}
      </Note>
    </div>
  );
}
