-- The public keys of the issuer of access tokens, as this service read them last: a process that starts while the issuer is away has them.
CREATE TABLE issuer_keys (
  issuer  text PRIMARY KEY,
  keys    jsonb NOT NULL,
  read_at timestamptz NOT NULL
);
