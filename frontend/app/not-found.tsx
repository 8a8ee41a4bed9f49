import Link from 'next/link';

export default function NotFound() {
  return (
    <div className="py-16 text-center">
      <h1>Page not found</h1>
      <p className="mt-1 text-muted">
        There is nothing at this address.{' '}
        <Link className="link" href="/">
          Back to the overview
        </Link>
      </p>
    </div>
  );
}
