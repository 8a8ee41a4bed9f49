import { type Port, SharedStreams } from './shared-streams.ts';

// The shared worker of all pages of this browser.
const streams = new SharedStreams();
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };
scope.onconnect = ({ ports }) => {
  for (const port of ports) streams.connect(port as unknown as Port);
};
