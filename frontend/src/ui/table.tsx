import type { ReactNode } from 'react';

/** A column of a table: its head, what it shows of a row, and the classes of its cells. */
export type Column<Row> = readonly [
  head: string,
  cell: (row: Row) => ReactNode,
  className?: string | ((row: Row) => string),
];

interface Props<Row> {
  readonly columns: ReadonlyArray<Column<Row>>;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  readonly className?: string;
  readonly caption?: string;
}

export function Table<Row>({ columns, rows, keyOf, className = '', caption }: Props<Row>) {
  return (
    <table className={`table ${className}`}>
      {caption ? <caption className="sr-only">{caption}</caption> : null}
      <thead>
        <tr>
          {columns.map(([head, , look]) => (
            <th className={look === 'text-right' ? look : ''} key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr data-row={keyOf(row)} key={keyOf(row)}>
            {columns.map(([head, cell, look]) => (
              <td className={typeof look === 'function' ? look(row) : look} key={head}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
