import { download, readAll, toCsv } from '../browser/export.ts';
import type { Page } from '../browser/use-read.ts';
import { useTask } from '../browser/use-task.ts';
import { Button } from './controls.tsx';
import { Alert } from './forms.tsx';

interface Props<T> {
  /** The file's name, without its ending. */
  readonly name: string;
  readonly read: (cursor: string | null) => Promise<Page<T>>;
  /** A row of the CSV; the JSON has the entries as the service sends them. */
  readonly row: (item: T) => Record<string, unknown>;
}

/** Saves a whole list, not only the page of it that is shown. */
export function ExportButtons<T>({ name, read, row }: Props<T>) {
  const { busy, error, run } = useTask();
  const csv = () => run(async () => download(`${name}.csv`, 'text/csv', toCsv((await readAll(read)).map(row))));
  const json = () =>
    run(async () => download(`${name}.json`, 'application/json', JSON.stringify(await readAll(read), null, 2)));
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      <span className="text-muted text-sm">Export</span>
      <Button busy={busy} onClick={csv} small text="CSV" title="Save this list as CSV" />
      <Button busy={busy} onClick={json} small text="JSON" title="Save this list as JSON" />
      <Alert error={error} />
    </span>
  );
}
