// Generated from the OpenAPI documents by "npm run generate"; a test fails when they differ.
/** The paths of each API, by the key of its process. */
export interface Apis {
  inventory: import('./inventory-service.generated.ts').paths;
  provider: import('./provider-simulator.generated.ts').paths;
  identity: import('./identity-service.generated.ts').paths;
  payment: import('./payment-service.generated.ts').paths;
  order: import('./order-service.generated.ts').paths;
  laboratory: import('./laboratory.generated.ts').paths;
}
