/** The parts of the package that tests use; it has no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Token {
    accountId: string;
  }
  export class Provider {
    constructor(issuer: string, configuration: object);
    Grant: new (
      of: object,
    ) => {
      addOIDCScope(scope: string): void;
      addResourceScope(resource: string, scope: string): void;
      save(): Promise<string>;
    };
    callback(): (req: IncomingMessage, res: ServerResponse) => void;
    interactionFinished(req: IncomingMessage, res: ServerResponse, result: object, options: object): Promise<void>;
  }
  export interface Context {
    oidc: { client: { clientId: string }; session: Token; params: { resource?: string | string[] } };
  }
}
