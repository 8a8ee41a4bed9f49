import { useRouter, useSearchParams } from 'next/navigation';
import { useSession } from '../browser/hooks.ts';
import { act } from '../browser/http.ts';
import { useTask } from '../browser/use-task.ts';
import { localPath } from './local-path.ts';

/** The page to go to after the sign-in. A link must not lead to another site. */
export function nextPage(params: URLSearchParams, usual: string): string {
  const next = localPath(params.get('next') ?? '');
  return next === undefined || next.startsWith('/sign-') ? usual : next;
}

/** Begins a session by one request, reads it, and leads back to where the visitor came from. */
export function useSignIn(usual = '/') {
  const { busy, error, run } = useTask();
  const { refresh } = useSession();
  const params = useSearchParams();
  const router = useRouter();
  const signIn = (body: object, path = '/api/session') =>
    run(async () => {
      await act('POST', path, { body });
      await refresh();
      router.replace(nextPage(params, usual));
    });
  return { busy, error, signIn };
}
