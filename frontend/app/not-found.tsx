import { TextLink } from '../src/ui/controls.tsx';

export default function NotFound() {
  return (
    <div className="py-16 text-center">
      <h1>Page not found</h1>
      <p className="mt-1 text-muted">
        There is no page at this address. <TextLink href="/" text="Back to the overview" />
      </p>
    </div>
  );
}
