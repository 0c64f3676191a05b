// Tables of trials: typed columns, what is absent, rows picked and sorted, and files that other readers read the same from.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { LapicqueError } from '../../src-ts/checks/errors.ts';
import type { TrialRecord } from '../../src-ts/study/search/trials.ts';
import { cell } from '../../src-ts/study/table/columns.ts';
import { writeTrials } from '../../src-ts/study/table/export.ts';
import { tableOf } from '../../src-ts/study/table/table.ts';

const trial = (number: number, changes: Partial<TrialRecord> = {}): TrialRecord => ({
  number,
  state: 'complete',
  parameters: { lr: 0.1 / (number + 1) },
  values: [number],
  reports: [],
  seed: 1000 + number,
  started: Date.UTC(2026, 10, 30, 7, 0, number),
  ended: Date.UTC(2026, 10, 30, 7, 0, number + 2, 500),
  attempts: 1,
  ...changes,
});

/** Every kind of value, and of absence. */
const mixed: TrialRecord[] = [
  trial(2, {
    parameters: { lr: 1e-3, width: 64, cell: 'lif', bias: true, layers: [{ size: 3 }, { size: 5 }] },
    values: [0.25, Number.NaN],
    user: { note: 'a "quoted", line\r\nand more', spikes: [1, 2] },
    reports: [
      { step: 1, value: 0.5 },
      { step: 4, value: Number.NEGATIVE_INFINITY },
    ],
  }),
  trial(0, {
    parameters: { lr: Number.MIN_VALUE, width: 8, cell: 'alif', beta: 0.9, bias: false },
    values: [0.1 + 0.2, Number.POSITIVE_INFINITY],
    worker: 'étoile 7',
    user: { note: '' },
  }),
  (({ values: _, ended: __, ...rest }) => rest)(trial(5, { state: 'running', parameters: { lr: 1 } })),
  trial(7, {
    state: 'failed',
    parameters: { lr: -0, width: 2 ** 53 - 1, choice: null },
    error: { code: 'non-finite', message: 'loss, step 3' },
    attempts: 3,
  }),
];
mixed[3] = (({ values: _, ...rest }) => rest)(mixed[3]!);

const folderOf = async (t: { teardown(work: () => unknown): void }) => {
  const folder = await mkdtemp(join(tmpdir(), 'trials-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
};

test('columns are typed arrays in the order of trials, and say what is absent', (t) => {
  const table = tableOf<{ lr: number; width?: number; cell?: string; bias?: boolean }>(mixed);
  t.deepEqual([...table.column('number').values], [0, 2, 5, 7]);
  const beta = table.column('parameters.beta');
  t.deepEqual([...beta.present], [1, 0, 0, 0]);
  const second = table.column('values.1');
  // NaN was measured in trial 2, and nothing in trial 5.
  t.deepEqual([...second.present], [1, 1, 0, 0]);
  t.deepEqual([...second.values], [Number.POSITIVE_INFINITY, Number.NaN, Number.NaN, Number.NaN]);
  t.is(table.column('parameters.width').kind, 'integer');
  t.deepEqual([...table.column('parameters.bias').values], [0, 1, 0, 0]);
  const kinds = table.column('parameters.cell');
  t.deepEqual(
    [kinds.categories, [...kinds.codes]],
    [
      ['alif', 'lif'],
      [0, 1, 0, 0],
    ],
  );
  t.deepEqual(
    table.names.filter((name) => name.startsWith('parameters.')),
    [
      'lr',
      'width',
      'cell',
      'beta',
      'bias',
      'layers.length',
      'layers[0].size',
      'layers[1].size',
      'choice',
    ].map((name) => `parameters.${name}`),
  );
  t.is(table.column('parameters.choice').kind, 'json');
  t.deepEqual(table.row(3), {
    number: 7,
    state: 'failed',
    'parameters.lr': -0,
    'parameters.width': 2 ** 53 - 1,
    'parameters.choice': 'null',
    seconds: 2.5,
    started: mixed[3]!.started,
    ended: mixed[3]!.ended!,
    attempts: 3,
    seed: 1007,
    'error.code': 'non-finite',
    'error.message': 'loss, step 3',
  });
  t.is(table.row(1)['user.spikes'], '[1,2]');
  t.is(table.row(1).lastStep, 4);
});

test('parameters of the space have their columns before any trial, and choices stay whole', (t) => {
  const space = [
    { name: 'lr', kind: 'number' },
    { name: 'sizes', kind: 'json' },
    { name: 'n', kind: 'integer' },
  ] as const;
  const empty = tableOf([], space);
  t.is(empty.length, 0);
  t.deepEqual(
    empty.columns.slice(2, 5).map(({ name, kind }) => [name, kind]),
    [
      ['parameters.lr', 'number'],
      ['parameters.sizes', 'json'],
      ['parameters.n', 'integer'],
    ],
  );
  const [one] = [tableOf([trial(0, { parameters: { lr: 1, sizes: [3, 4], n: 'many' } })], space)];
  t.is(one.column('parameters.sizes').kind, 'json');
  t.is(cell(one.column('parameters.sizes'), 0), '[3,4]');
  // A study whose space has changed since: the values decide.
  t.is(one.column('parameters.n').kind, 'text');
});

test('rows are picked and sorted, absent ones last', (t) => {
  const table = tableOf(mixed);
  const numbers = (of: typeof table) => [...of.column('number').values];
  t.deepEqual(numbers(table.sort('values.0')), [2, 0, 5, 7]);
  t.deepEqual(numbers(table.sort('values.0', 'descending')), [0, 2, 5, 7]);
  t.deepEqual(numbers(table.sort('values.1')), [0, 2, 5, 7]);
  t.deepEqual(numbers(table.sort('parameters.bias', 'descending')), [2, 0, 5, 7]);
  const complete = table.filter(({ state }) => state === 'complete');
  t.deepEqual(numbers(complete), [0, 2]);
  t.deepEqual(
    complete.trials.map(({ number }) => number),
    [0, 2],
  );
  t.deepEqual(numbers(complete.sort('parameters.lr', 'descending')), [2, 0]);
  // The table itself is as it was.
  t.deepEqual(numbers(table), [0, 2, 5, 7]);
  const error = t.throws(() => table.column('parameters.lrr'), { instanceOf: LapicqueError });
  t.is((error as unknown as { didYouMean: string }).didYouMean, 'parameters.lr');
  t.throws(() => table.sort('lr'), { instanceOf: LapicqueError });
  t.throws(() => table.sort('number', 'up' as never), { message: /unknown order "up"/ });
});

/** RFC 4180, section 2, as an automaton; an empty field and an empty text in quotes are told apart. */
function parseCsv(text: string): (string | undefined)[][] {
  const rows: (string | undefined)[][] = [];
  let row: (string | undefined)[] = [];
  for (let i = 0; i < text.length; ) {
    let value: string | undefined;
    if (text[i] === '"') {
      value = '';
      for (i++; text[i] !== '"' || text[i + 1] === '"'; i++) {
        if (text[i] === '"') i++;
        value += text[i];
      }
      i++;
    } else {
      const [plain] = /^[^,\r\n"]*/.exec(text.slice(i))!;
      value = plain === '' ? undefined : plain;
      i += plain.length;
    }
    row.push(value);
    if (text[i] === ',') i++;
    else {
      if (text.slice(i, i + 2) !== '\r\n') throw new Error(`no end of line at ${i}`);
      rows.push(row);
      [row, i] = [[], i + 2];
      continue;
    }
    if (text.slice(i, i + 2) === '\r\n') {
      row.push(undefined);
      rows.push(row);
      [row, i] = [[], i + 2];
    }
  }
  return rows;
}

/** What of a text is in a file: one that a spreadsheet would take for a formula begins with an apostrophe. */
function inCsv(text: string): string {
  const utf8 = Buffer.from(text).toString();
  const isNumber = utf8.trim() === utf8 && !/^[+-]?0[xbo]/i.test(utf8) && !Number.isNaN(Number(utf8));
  return /^[-=+@\t\r\n＝＋－＠]/.test(utf8) && !isNumber ? `'${utf8}` : utf8;
}

test('comma-separated values are read back as they were', async (t) => {
  const folder = await folderOf(t);
  const table = tableOf(mixed);
  await writeTrials(join(folder, 'a.csv'), table);
  const [heading, ...rows] = parseCsv(await readFile(join(folder, 'a.csv'), 'utf8'));
  t.deepEqual(heading, table.names);
  t.is(rows.length, table.length);
  table.columns.forEach((column, c) => {
    rows.forEach((row, r) => {
      t.is(row.length, table.names.length);
      const [got, expected] = [row[c], cell(column, r)];
      if (expected === undefined) t.is(got, undefined);
      else if (column.kind === 'time') t.is(Date.parse(got!), expected as number);
      else if (typeof expected === 'number')
        t.true(Number(got) === expected || (Number.isNaN(expected) && got === 'NaN'));
      else t.is(got, inCsv(String(expected)));
    });
  });
});

test('whatever texts a study holds, each of its lines has as many fields', async (t) => {
  const folder = await folderOf(t);
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string({ unit: 'binary' }), fc.double())),
        { maxLength: 4 },
      ),
      async (list) => {
        const table = tableOf(list.map((parameters, i) => trial(i, { parameters })));
        await writeTrials(join(folder, 'b.csv'), table);
        const [heading, ...rows] = parseCsv(await readFile(join(folder, 'b.csv'), 'utf8'));
        if (heading!.some((name, i) => name !== inCsv(table.names[i]!))) return false;
        return rows.every((row, r) =>
          row.every((got, c) => {
            const expected = cell(table.columns[c]!, r);
            if (table.columns[c]!.kind === 'time') return Date.parse(got!) === expected;
            return expected === undefined ? got === undefined : got === inCsv(String(expected));
          }),
        );
      },
    ),
    { numRuns: 100 },
  );
  t.pass();
});

test('JSON lines hold the records', async (t) => {
  const folder = await folderOf(t);
  await writeTrials(join(folder, 'a.txt'), tableOf(mixed), { format: 'jsonl' });
  const text = await readFile(join(folder, 'a.txt'), 'utf8');
  const back = text
    .trimEnd()
    .split('\n')
    .map((line) =>
      JSON.parse(line, (_, value) => (/^(NaN|-?Infinity)$/.test(value) ? Number(value) : value)),
    );
  const sorted = [...mixed].sort((a, b) => a.number - b.number);
  // JSON has one 0.
  t.deepEqual(
    back,
    sorted.map((record) =>
      record.number === 7 ? { ...record, parameters: { ...record.parameters, lr: 0 } } : record,
    ),
  );
});

test('Parquet has the columns with their types, and null where nothing is', async (t) => {
  const folder = await folderOf(t);
  const table = tableOf(mixed);
  await writeTrials(join(folder, 'a.parquet'), table);
  const { buffer, byteOffset, length } = await readFile(join(folder, 'a.parquet'));
  const file = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
  const { schema } = parquetMetadata(file);
  const types = new Map(schema.slice(1).map(({ name, type }) => [name, type]));
  t.deepEqual([...types.keys()], table.names);
  t.is(types.get('parameters.width'), 'INT64');
  t.is(types.get('values.0'), 'DOUBLE');
  t.is(types.get('parameters.bias'), 'BOOLEAN');
  const rows = await parquetReadObjects({ file });
  t.is(rows.length, table.length);
  for (const [r, row] of rows.entries()) {
    for (const column of table.columns) {
      const [got, expected] = [row[column.name], cell(column, r)];
      if (expected === undefined) t.is(got ?? undefined, undefined, column.name);
      else if (column.kind === 'integer') t.is(got, BigInt(expected as number));
      else if (column.kind === 'time') t.is((got as Date).getTime(), expected as number);
      else t.is(got, expected);
    }
  }
  await writeTrials(join(folder, 'none.parquet'), tableOf([], [{ name: 'lr', kind: 'number' }]));
  const empty = await readFile(join(folder, 'none.parquet'));
  t.is(parquetMetadata(new Uint8Array(empty).buffer).num_rows, 0n);
});

test('thousands of trials are read back from several row groups', async (t) => {
  const folder = await folderOf(t);
  const many = Array.from({ length: 5000 }, (_, i) =>
    trial(i, { parameters: i % 3 === 0 ? { lr: i / 7, cell: `c${i % 5}` } : { lr: i / 7 } }),
  );
  await writeTrials(join(folder, 'c.parquet'), tableOf(many));
  const file = new Uint8Array(await readFile(join(folder, 'c.parquet'))).buffer;
  const rows = await parquetReadObjects({ file, columns: ['parameters.lr', 'parameters.cell'] });
  t.deepEqual(
    rows.map((row) => [row['parameters.lr'], row['parameters.cell'] ?? undefined]),
    many.map(({ parameters }) => [parameters.lr, parameters.cell]),
  );
});

test('streams, wrong targets and wrong formats', async (t) => {
  const table = tableOf(mixed);
  const pieces: Uint8Array[] = [];
  const into = new WritableStream<Uint8Array>({ write: (piece) => void pieces.push(piece) });
  await writeTrials(into, table, { format: 'csv' });
  const [heading] = parseCsv(Buffer.concat(pieces).toString());
  t.deepEqual(heading, table.names);
  const refused = (target: unknown, options?: object) =>
    t.throwsAsync(writeTrials(target as string, table, options as never), { instanceOf: LapicqueError });
  t.regex((await refused('a.xlsx'))!.message, /ends in \.csv, \.jsonl or \.parquet/);
  t.regex((await refused('a.csv', { format: 'cvs' }))!.message, /did you mean "csv"/);
  t.regex((await refused(new WritableStream()))!.message, /format: expected one of csv, jsonl, parquet/);
  t.regex((await refused(5))!.message, /a path or a file: URL/);
  const signal = AbortSignal.abort();
  t.is(((await refused('never.csv', { signal })) as unknown as LapicqueError).code, 'aborted');
  t.is(((await refused('/dev/null/a.csv')) as unknown as LapicqueError).code, 'io');
});
