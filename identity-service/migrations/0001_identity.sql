-- Who is who: users, the sessions in which they are signed in, and the keys that sign their access tokens.

CREATE TABLE users (
  user_id       uuid PRIMARY KEY,
  -- As it was typed, in NFC.
  email         text NOT NULL,
  -- By which accounts are told apart: lower case, NFC.
  email_key     text NOT NULL UNIQUE,
  -- argon2id, in the PHC string format.
  password_hash text NOT NULL,
  -- Six bits of a keyed hash, which turn most wrong passwords away before the costly one (ADR 29).
  password_sieve smallint,
  -- The key of the sieve; with another key, the sieve is not used.
  sieve_key     text,
  roles         text[] NOT NULL CHECK (roles <@ ARRAY['customer', 'operator']),
  disabled_at   timestamptz,
  created_at    timestamptz NOT NULL DEFAULT now()
);

-- One row per session, which is a family of refresh tokens: each use replaces the token.
CREATE TABLE sessions (
  session_id    uuid PRIMARY KEY,
  user_id       uuid NOT NULL REFERENCES users,
  -- SHA-256 of the part that every token of the family has: it tells a used token from an invented one.
  family_hash   bytea NOT NULL,
  -- SHA-256 of the newest token, and of the one before it.
  token_hash    bytea NOT NULL,
  previous_hash bytea,
  created_at    timestamptz NOT NULL DEFAULT now(),
  rotated_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE signing_keys (
  kid            text PRIMARY KEY,
  public_jwk     jsonb NOT NULL,
  -- AES-256-GCM under a key that is not in this database.
  sealed_private bytea NOT NULL,
  -- It is published before it signs: a cache of the key set knows it by then.
  signs_from     timestamptz NOT NULL UNIQUE
);
