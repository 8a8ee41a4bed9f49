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
  /** On a narrow screen, each row becomes a small block. */
  readonly stacked?: boolean;
  readonly className?: string;
  readonly caption?: string;
}

/** A table; nothing without rows. */
export function Table<Row>({ columns, rows, keyOf, stacked = false, className = '', caption }: Props<Row>) {
  if (rows.length === 0) return null;
  return (
    <table className={`table ${stacked ? 'table-stacked [&_tbody_tr:hover]:bg-raised' : ''} ${className}`}>
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
