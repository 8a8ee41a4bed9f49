CREATE TABLE echoes (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  text      text NOT NULL,
  heard_at  timestamptz NOT NULL DEFAULT now()
);
