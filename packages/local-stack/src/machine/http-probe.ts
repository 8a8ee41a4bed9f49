import { get } from 'node:http';

/** The status of a GET, or undefined when nothing answers within the limit. */
export function httpStatus(url: string, limitMs = 2_000): Promise<number | undefined> {
  return new Promise((resolve) => {
    // No agent: a connection kept open would delay a service that drains.
    const request = get(url, { agent: false, timeout: limitMs }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(undefined));
    request.once('close', () => resolve(undefined));
  });
}
