const WIDTH = 96;
const HEIGHT = 26;

interface Props {
  readonly values: ReadonlyArray<number | null>;
  /** The number of values that fill the width; fewer stand at its right end. */
  readonly room: number;
  /** The top of the line; by default its highest value. */
  readonly top?: number | undefined;
  readonly className?: string;
}

/** A line without axes, with gaps where nothing is known. */
export function Sparkline({ values, room, top, className = 'w-12 sm:w-24' }: Props) {
  const most = top ?? Math.max(1, ...values.filter((value) => value !== null));
  const step = WIDTH / Math.max(1, room - 1);
  const start = WIDTH - (values.length - 1) * step;
  let isDrawing = false;
  const path = values.map((value, index) => {
    const wasDrawing = isDrawing;
    isDrawing = value !== null;
    if (value === null) return '';
    const y = HEIGHT - 1 - (value / most) * (HEIGHT - 2);
    return `${wasDrawing ? 'L' : 'M'}${(start + index * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  return (
    <svg
      aria-hidden="true"
      className={`shrink-0 ${className}`}
      height={HEIGHT}
      preserveAspectRatio="none"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    >
      <path d={path.join('')} fill="none" stroke="var(--accent)" strokeLinejoin="round" strokeWidth="1.4" />
    </svg>
  );
}
