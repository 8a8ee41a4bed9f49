'use client';

/** Shown after a defect of the dashboard itself. Failing services are shown by the pages. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div className="py-16 text-center" role="alert">
      <h1>This page failed</h1>
      <p className="mt-1 text-muted">{error.message}</p>
      <button className="button mt-3" onClick={reset} type="button">
        Try again
      </button>
    </div>
  );
}
