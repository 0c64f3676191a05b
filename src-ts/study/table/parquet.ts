/**
 * Tables as Parquet, by hyparquet-writer: maintained, with no dependency except its own reader, and small enough to be
 * bundled.
 */
import type { ColumnSource } from 'hyparquet-writer';
import { type Column, cell } from './columns.ts';
import type { TrialTable } from './table.ts';

const types = {
  number: 'DOUBLE',
  integer: 'INT64',
  time: 'TIMESTAMP',
  flag: 'BOOLEAN',
  text: 'STRING',
  json: 'STRING',
} as const;

/**
 * A Parquet file with one column for each column of the table. Absent rows are null, also for numbers, which may be
 * NaN.
 */
export async function parquetBytes(table: TrialTable<never>): Promise<Uint8Array> {
  // Loaded at the first use, because few programs write Parquet.
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData: ColumnSource[] = table.columns.map((column) => ({
    name: column.name,
    type: types[column.kind],
    data: Array.from({ length: column.length }, (_, row) => parquetCell(column, row)),
  }));
  // Without column statistics, because NaN has no place in a range.
  return new Uint8Array(parquetWriteBuffer({ columnData, statistics: false, createdBy: 'lapicque' }));
}

function parquetCell(column: Column, row: number): number | bigint | boolean | string | Date | null {
  const value = cell(column, row);
  if (value === undefined) return null;
  if (column.kind === 'integer') return BigInt(value as number);
  return column.kind === 'time' ? new Date(value as number) : value;
}
