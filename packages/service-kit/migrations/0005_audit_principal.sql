-- Whether a user signed in to do it (`user:` and the id), or the machine credential was used (`operator-token`), whose holder typed a name.
ALTER TABLE operator_audit ADD COLUMN principal text;
