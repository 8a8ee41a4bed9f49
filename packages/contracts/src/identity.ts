/** The access tokens that identity-service signs and every service verifies. */
export const ACCESS_TOKEN = {
  algorithm: 'EdDSA',
  issuer: 'urn:valerix:identity',
  audience: 'valerix',
  lifetimeSeconds: 900,
} as const;

/** What a person may do. */
export const ROLES = ['customer', 'operator'] as const;
export type Role = (typeof ROLES)[number];
