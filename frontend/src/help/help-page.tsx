'use client';

import { useState } from 'react';
import { Card } from '../ui/card.tsx';
import { GLOSSARY } from '../ui/glossary.ts';
import { hasWords } from '../ui/has-words.ts';
import { PageHead } from '../ui/parts.tsx';
import { NothingFound, SearchBox } from '../ui/search.tsx';

/** The documents of the repository, and what each is for. */
const DOCUMENTS = [
  ['README.md', 'what it is, and how to run and break it'],
  ['ARCHITECTURE.md', 'the life of an order, and why each crash is safe'],
  ['docs/chaos.md', 'faults and failpoints'],
  ['docs/gamedays.md', 'experiments, the checker, the report'],
  ['docs/defences.md', 'what breaks without each defence'],
  ['docs/errors.md', 'every error code, and what to do about it'],
  ['docs/runbook.md', 'what to do when an alert fires'],
  ['docs/payments.md', 'how money is taken and given back'],
  ['docs/identity.md', 'users, sessions and tokens'],
] as const;

type Api = Readonly<{ name: string; href: string | null }>;

/** The glossary, the APIs and the documents. */
export function HelpPage({ apis }: { apis: readonly Api[] }) {
  return (
    <>
      <PageHead lead="One word for one thing: pages, errors and documents use these." title="Help" />
      <div className="grid gap-3 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Glossary />
        <div className="min-w-0 space-y-3">
          <Card title="APIs">
            <ul>
              {apis.map(({ name, href }) => (
                <li key={name}>
                  {href === null ? (
                    <>
                      {name} <span className="text-muted">at its own address, under /docs</span>
                    </>
                  ) : (
                    <a className="link" href={href} rel="noreferrer" target="_blank">
                      {name}
                    </a>
                  )}
                </li>
              ))}
            </ul>
          </Card>
          <Card title="Documents of the repository">
            <ul>
              {DOCUMENTS.map(([path, purpose]) => (
                <li key={path}>
                  <code>{path}</code> <span className="text-muted">{purpose}</span>
                </li>
              ))}
            </ul>
          </Card>
        </div>
      </div>
    </>
  );
}

function Glossary() {
  const [searched, setSearched] = useState('');
  const shown = Object.entries(GLOSSARY).filter((term) => hasWords(searched, ...term));
  return (
    <Card className="space-y-2" title="Glossary">
      <SearchBox className="max-w-[20rem]" label="Search the glossary" set={setSearched} value={searched} />
      <NothingFound clear={() => setSearched('')} is={shown.length === 0} text="No term has these words." />
      <dl className="divide-y divide-line">
        {shown.map(([word, text]) => (
          <div className="grid gap-x-3 py-1.5 sm:grid-cols-[10rem_1fr]" key={word}>
            <dt className="font-medium">{word}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
