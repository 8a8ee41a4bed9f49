import { problemResponse } from './problem.ts';

/**
 * Whether a request that changes something comes from a page of this dashboard. Browsers say so in `Sec-Fetch-Site`, older
 * ones in `Origin`. A request with neither comes from no browser, so it carries no victim's cookie. Together with the
 * SameSite=Strict cookie, this check prevents cross-site request forgery.
 */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  const origin = request.headers.get('origin');
  if (origin === null) return true;
  return URL.canParse(origin) && new URL(origin).host === request.headers.get('host');
}

export const crossSite = (request: Request): Response =>
  problemResponse(request, 'CROSS_SITE', 'This request came from another site.');
