import { expect, it } from 'vitest';
import { emailKey } from '../src/user-store.ts';

it.each([
  ['Ada@Example.org', 'ada@example.ORG'],
  ['J\u00fcrgen@example.org', 'JU\u0308RGEN@example.org'],
  ['\u212bsa@example.org', 'a\u030asa@example.org'], // the sign for angstrom
  ['\u212aim@example.org', 'kim@example.org'], // the sign for kelvin
  ['\u039d\u0399\u039a\u039f\u03a3@example.org', '\u03bd\u03b9\u03ba\u03bf\u03c2@example.org'], // a final sigma
])('%j and %j are one account', (one, other) => {
  expect(emailKey(one)).toBe(emailKey(other));
  expect(emailKey(emailKey(one))).toBe(emailKey(one));
});

it.each([
  ['ismail@example.org', '\u0131smail@example.org'], // a dotless i
  ['ismail@example.org', '\u0130smail@example.org'], // a capital i with a dot
  ['strasse@example.org', 'stra\u00dfe@example.org'],
  ['ada@example.org', '\u0430da@example.org'], // a Cyrillic a
  ['ada@example.org', '\uff41da@example.org'], // a wide a
  ['ada@example.org', 'ada@example.org.'],
  ['ada@example.org', 'a.da@example.org'],
  ['ada@example.org', 'ada+1@example.org'],
])('%j and %j are two accounts: nobody gets into the one with the other', (one, other) => {
  expect(emailKey(one)).not.toBe(emailKey(other));
});
