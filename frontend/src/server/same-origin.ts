/**
 * Whether a request that changes something comes from a page of this dashboard. Browsers say so in `Sec-Fetch-Site`;
 * those that do not are judged by `Origin`. A request with neither comes from no browser, so no cookie of a victim
 * travels with it. Together with the SameSite=Strict cookie this is what stands against cross-site request forgery.
 */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  const origin = request.headers.get('origin');
  if (origin === null) return true;
  return URL.canParse(origin) && new URL(origin).host === request.headers.get('host');
}
