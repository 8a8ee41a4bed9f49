import { Fragment } from 'react';
import { Term } from './term.tsx';
import { partsOf } from './terms-in-text.ts';

/** A text whose terms say what they mean under the mouse or with the focus; each once. */
export function Explained({ text }: { text: string }) {
  return partsOf(text).map(({ at, plain, word }) => (
    <Fragment key={at}>{word === null ? plain : <Term word={word}>{plain}</Term>}</Fragment>
  ));
}
