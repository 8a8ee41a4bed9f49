import type { ReactNode } from 'react';

/** Drawn inline, so icons load nothing. They only decorate: the word beside an icon carries the meaning. */
const PATHS = {
  ok: <path d="M3.5 8.5l3 3 6-7" />,
  bad: <path d="M4 4l8 8M12 4l-8 8" />,
  warn: <path d="M8 2.2L14.6 13.5H1.4zM8 6.4v3.4M8 11.6v.3" />,
  unknown: <path d="M5.6 6a2.4 2.4 0 114 1.8c-.9.7-1.6 1.1-1.6 2.1M8 12.6v.3" />,
  wait: <path d="M8 4.5V8l2.4 1.6M8 14A6 6 0 108 2a6 6 0 000 12z" />,
  info: <path d="M8 7.3v4.2M8 4.4v.3M8 14.4A6.4 6.4 0 108 1.6a6.4 6.4 0 000 12.8z" />,
  chaos: <path d="M8.8 1.6L3.4 9h4l-.8 5.4L12.4 7h-4z" />,
  shield: <path d="M8 1.6l5.2 2v4c0 3.2-2.2 5.6-5.2 6.8-3-1.2-5.2-3.6-5.2-6.8v-4z" />,
  halt: <path d="M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2zM5.4 8h5.2" />,
  overview: <path d="M2 13.5h12M3.5 13.5V8M8 13.5V3M12.5 13.5V6" />,
  shop: <path d="M2 2.5h1.8l1.6 7.5h6.6l1.6-5.4H4.4M6.2 13.3v.2M11.2 13.3v.2" />,
  orders: <path d="M3.5 2h9v12l-2-1.2L8 14l-2.5-1.2-2 1.2zM6 5.5h4M6 8.5h4" />,
  inventory: <path d="M2 5l6-3 6 3v6.4l-6 2.9-6-2.9zM2 5l6 3 6-3M8 8v6.3" />,
  load: <path d="M2 11.5a6 6 0 1112 0M8 11.5l2.8-4" />,
  gamedays: <path d="M6 2v4.5L2.6 12.6c-.5.9.1 1.9 1.1 1.9h8.6c1 0 1.6-1 1.1-1.9L10 6.5V2M4.8 2h6.4M4.6 10h6.8" />,
  stop: <path d="M4 4h8v8H4z" />,
  pause: <path d="M5.5 3v10M10.5 3v10" />,
  play: <path d="M5 3l8 5-8 5z" />,
  open: <path d="M9 2.5h4.5V7M13.5 2.5L7.5 8.5M11.5 9.5v4h-9v-9h4" />,
  sun: (
    <path d="M8 11a3 3 0 100-6 3 3 0 000 6zM8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M3.3 12.7l1-1M11.7 4.3l1-1" />
  ),
  moon: <path d="M13 9.6A5.6 5.6 0 016.4 3 5.6 5.6 0 1013 9.6z" />,
  screen: <path d="M2 3h12v8H2zM5.5 13.6h5M8 11v2.6" />,
  person: <path d="M8 8a3 3 0 100-6 3 3 0 000 6zM2.5 14c.6-2.8 2.8-4.3 5.5-4.3s4.9 1.5 5.5 4.3" />,
  retry: <path d="M13 8a5 5 0 11-1.6-3.7M13.2 1.8v3h-3" />,
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M3 8h10" />,
  arrow: <path d="M3 8h10M9 4l4 4-4 4" />,
  copy: <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16, className }: { name: IconName; size?: number; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      className={className}
      fill="none"
      height={size}
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth={1.7}
      style={{ flex: 'none' }}
      viewBox="0 0 16 16"
      width={size}
    >
      {PATHS[name]}
    </svg>
  );
}
