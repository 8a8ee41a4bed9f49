import { createHmac, timingSafeEqual } from 'node:crypto';
import { HEADER, type PlacedBy } from '@valerix/contracts';
import { isPerson, type Principal } from '@valerix/service-kit/identity/principal';
import { type Access, refusal } from '@valerix/service-kit/identity/require';
import type { Request } from 'express';

/** Orders by who placed them. */
export type Orders = 'all' | readonly PlacedBy[];

/** What the sender of a request may do with orders, or with the one order that its path names. */
export interface Viewer {
  /** The orders it may read, follow and cancel. */
  reach: Orders;
  /** The orders whose idempotency keys it sees. */
  owns: Orders;
}

export const covers = (orders: Orders, placedBy: PlacedBy): boolean => orders === 'all' || orders.includes(placedBy);

/** A user's orders stay theirs with the role of an operator, and without it. */
export const placedBy = (principal: Principal): PlacedBy =>
  isPerson(principal) ? `customer:${principal.id}` : principal.kind === 'operator' ? 'operator' : 'guest';

export type Ownership = ReturnType<typeof createOwnership>;

/** Decides whose orders a request may touch. Asks no database: every decision follows from the request. */
export function createOwnership({ access, secret }: { access: Access; secret: string }) {
  /** The order token. Nothing is stored: it follows from the order's id. */
  const tokenOf = (orderId: string): string => createHmac('sha256', secret).update(orderId).digest('base64url');

  function isTokenOf(orderId: string, sent: readonly string[] = []): boolean {
    const given = Buffer.from(sent[0] ?? '');
    const token = Buffer.from(tokenOf(orderId));
    return sent.length === 1 && given.length === token.length && timingSafeEqual(given, token);
  }

  function ownOrders({ principal, headersDistinct }: Request, orderId?: string): Orders {
    if (principal.kind === 'operator') return 'all';
    const asGuest = orderId !== undefined && isTokenOf(orderId, headersDistinct[HEADER.orderToken]);
    return [...(isPerson(principal) ? [placedBy(principal)] : []), ...(asGuest ? ['guest' as const] : [])];
  }

  return {
    /** Sent with the answer to a guest's order; undefined for others, who are known by their own token. */
    tokenFor: ({ kind }: Principal, orderId: string): string | undefined =>
      kind === 'guest' ? tokenOf(orderId) : undefined,

    /**
     * @param orderId the one order that the request names; without it, all orders are meant
     * @throws UNAUTHORIZED, FORBIDDEN if the sender may see none
     */
    viewer(req: Request, orderId?: string): Viewer {
      const owns = ownOrders(req, orderId);
      if (access === 'open' || owns.length > 0) return { reach: access === 'open' ? 'all' : owns, owns };
      throw refusal(req, orderId === undefined ? 'someone who signed in' : 'the owner of the order');
    },

    /** For the order of a key, which is a secret between the service and its sender. */
    viewerByKey({ principal }: Request): Viewer {
      const owns = principal.kind === 'operator' ? 'all' : ([placedBy(principal)] as const);
      return access === 'open' && !isPerson(principal) ? { reach: 'all', owns: 'all' } : { reach: owns, owns };
    },

    /** For a sender's own orders only, whatever the access. @throws UNAUTHORIZED, FORBIDDEN if the sender is no user */
    ownViewer(req: Request): Viewer {
      if (!isPerson(req.principal)) throw refusal(req, 'someone who signed in');
      const owns = [placedBy(req.principal)];
      return { reach: owns, owns };
    },
  };
}
