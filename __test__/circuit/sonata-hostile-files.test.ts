// SONATA's output reports from strangers: errors name the dataset and the index; damaged files neither crash nor hang nor take memory.
// LAPICQUE_LONG_TESTS=1 makes 10,000 changes of each file.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { loadSonata, readSonataReport, readSonataSpikes } from '../../src-ts/doors/circuit.ts';
import { hdf5Bytes, hdf5Dataset, hdf5Group } from '../../src-ts/doors/files.ts';
import { failure, outcome } from '../support/errors.ts';
import { mutated } from '../support/file-bytes.ts';
import { random } from '../support/numbers.ts';
import { run } from '../support/process.ts';

const support = (name: string) => JSON.stringify(new URL(`../support/${name}.js`, import.meta.url).href);

type Tree = Parameters<typeof hdf5Bytes>[0] & Record<string, unknown>;

const inMs = (values: readonly number[] | Float64Array) =>
  hdf5Dataset(Float64Array.from(values), { attributes: { units: 'ms' } });

/** The outcome of reading a file with these members of its one population in place of the honest ones. */
async function spikesWith(more: Tree, options = {}): Promise<string> {
  const honest = { node_ids: BigUint64Array.of(3n, 1n), timestamps: inMs([1, 2]) };
  const bytes = await hdf5Bytes({ spikes: { a: { ...honest, ...more } } });
  return outcome(() => readSonataSpikes(bytes, options));
}

test('errors of spikes name the dataset and the index', async (t) => {
  t.is(await spikesWith({}), 'succeeded');
  for (const [more, reason] of [
    [{ node_ids: BigUint64Array.of(3n) }, /1 values of spikes\/a\/node_ids for 2 of spikes\/a\/timestamps/],
    [{ node_ids: Int32Array.of(3, -1) }, /spikes\/a\/node_ids\[1\] is -1; expected a whole number/],
    [{ node_ids: Float64Array.of(3, 0.5) }, /spikes\/a\/node_ids\[1\] is 0\.5/],
    [{ node_ids: ['a', 'b'] }, /spikes\/a\/node_ids has elements of the type "string"; expected numbers/],
    [{ node_ids: 3 }, /spikes\/a\/node_ids has 0 axes; expected 1/],
    [{ node_ids: { x: 1 } }, /spikes\/a\/node_ids is not a dataset/],
    [{ timestamps: inMs([1, Number.NaN]) }, /spikes\/a\/timestamps\[1\] is NaN; expected a finite number/],
    [{ timestamps: inMs([Number.NEGATIVE_INFINITY, 1]) }, /spikes\/a\/timestamps\[0\] is -Infinity/],
    [
      { timestamps: hdf5Dataset(Float64Array.of(1, 2), { shape: [1, 2] }) },
      /timestamps has 2 axes; expected 1 \(shape \[1,2\]\)/,
    ],
  ] as [Tree, RegExp][])
    t.regex(await spikesWith(more), new RegExp(`^malformed-file: .*${reason.source}`));
  t.regex(
    await spikesWith({
      timestamps: hdf5Dataset(Float64Array.of(1, 2), { attributes: { units: 'fortnights' } }),
    }),
    /^unsupported: .*times of spikes\/a\/timestamps in "fortnights"/,
  );
  t.regex(await spikesWith({ node_ids: BigUint64Array.of(3n, 2n ** 60n) }), /^(malformed-file|unsupported)/);
  t.regex(
    await spikesWith({}, { nodes: { a: { ids: [3, 4] } } }),
    /^malformed-file: .*spikes\/a\/node_ids\[1\] is 1; expected one of the 2 nodes/,
  );
  t.regex(
    await outcome(async () => readSonataSpikes(await hdf5Bytes({ other: 1 }))),
    /^malformed-file: .*it has no group spikes/,
  );
  t.regex(
    await outcome(async () => readSonataSpikes(await hdf5Bytes({ spikes: { a: 1 } }))),
    /^malformed-file: .*spikes\/a is a dataset; expected a group for each population/,
  );
  t.regex(
    await outcome(async () => readSonataSpikes(await hdf5Bytes({ spikes: { a: { node_ids: [1] } } }))),
    /^malformed-file: .*spikes\/a\/timestamps is missing/,
  );
  t.regex(await outcome(() => readSonataSpikes(Uint8Array.of(1, 2, 3))), /^malformed-file: /);
  t.regex(await outcome(() => readSonataSpikes('nowhere.h5')), /^io: /);
  t.regex(await outcome(() => readSonataSpikes('x', { begin: 1 } as never)), /^unknown-name: .*"begin"/);
  t.regex(await spikesWith({}, { start: 3, stop: 2 }), /^invalid-parameter: stop/);
  t.regex(await spikesWith({}, { signal: AbortSignal.abort() }), /^aborted/);
});

async function reportWith(mapping: Tree, data?: unknown): Promise<string> {
  const honest = {
    node_ids: BigUint64Array.of(3n, 1n),
    index_pointers: BigUint64Array.of(0n, 2n, 3n),
    element_ids: Uint32Array.of(0, 1, 0),
    time: inMs([0, 1, 0.5]),
  };
  const values = hdf5Dataset(new Float32Array(6), { shape: [2, 3], attributes: { units: 'mV' } });
  const report = { a: { data: data ?? values, mapping: { ...honest, ...mapping } } };
  const bytes = await hdf5Bytes({ report } as unknown as Tree);
  return outcome(() => readSonataReport(bytes));
}

test('errors of reports name the dataset and the index', async (t) => {
  t.is(await reportWith({}), 'succeeded');
  const at = 'report/a/mapping';
  const of = (shape: number[], type: 'float32' | 'string' = 'float32') =>
    type === 'string'
      ? hdf5Dataset(['a', 'b'], { shape })
      : hdf5Dataset(new Float32Array(shape.reduce((a, b) => a * b, 1)), { shape });
  for (const [mapping, data, reason] of [
    [
      { index_pointers: BigUint64Array.of(0n, 2n, 4n) },
      undefined,
      `${at}/index_pointers\\[2\\] is 4; expected at most 3, the columns of report/a/data`,
    ],
    [
      { index_pointers: BigUint64Array.of(2n, 1n, 3n) },
      undefined,
      `${at}/index_pointers\\[1\\] is 1, below 2 before it`,
    ],
    [{ index_pointers: Int32Array.of(0, -2, 3) }, undefined, `${at}/index_pointers\\[1\\] is -2`],
    [
      { index_pointers: BigUint64Array.of(0n) },
      undefined,
      `${at}/index_pointers has 1 values for 2 nodes; expected 3`,
    ],
    [{ element_ids: Uint32Array.of(0, 1) }, undefined, `${at}/element_ids has 2 values; expected 3`],
    [{ element_pos: Float32Array.of(0, 1, Number.NaN) }, undefined, `${at}/element_pos\\[2\\] is NaN`],
    [{ element_pos: Float32Array.of(0) }, undefined, `${at}/element_pos has 1 values; expected 3`],
    [
      { node_ids: BigUint64Array.of(3n, 3n) },
      undefined,
      `${at}/node_ids\\[1\\] is 3, as ${at}/node_ids\\[0\\]; expected each node once`,
    ],
    [{ time: inMs([0, 1]) }, undefined, `${at}/time has 2 values; expected 3`],
    [{ time: inMs([0, Number.NaN, 0.5]) }, undefined, `${at}/time\\[1\\] is NaN`],
    [{ time: inMs([0, 1, 0]) }, undefined, `${at}/time\\[2\\] is 0; expected a step above 0`],
    [{ time: inMs([1, 0, 0.5]) }, undefined, `${at}/time\\[1\\] is 0, before the start at 1`],
    [
      { time: inMs([0, 3, 0.5]) },
      undefined,
      `${at}/time says 6 frames \\(0 to 3 ms by 0.5 ms\\) for 2 rows of report/a/data`,
    ],
    [{ time: inMs([0, 1e300, 1e-300]) }, undefined, `${at}/time says Infinity frames`],
    [{}, of([6]), 'report/a/data has 1 axes; expected 2'],
    [{}, of([2, 1, 3]), 'report/a/data has 3 axes; expected 2'],
    [{}, of([2, 1]), `${at}/index_pointers\\[1\\] is 2; expected at most 1`],
    [{}, of([2, 1], 'string'), 'report/a/data has elements of the type "string"'],
  ] as [Tree, unknown, string][])
    t.regex(await reportWith(mapping, data), new RegExp(`^malformed-file: .*${reason}`), reason);
  t.regex(
    await outcome(async () => readSonataReport(await hdf5Bytes({ report: { a: hdf5Group({ x: 1 }) } }))),
    /^malformed-file: .*report\/a\/data is missing/,
  );
});

test('values that a file only declares take no memory', async (t) => {
  // Chunks that were never written, which HDF5 takes for zeros: 16 GiB in a file of some KiB.
  const path = '__test__/circuit/fixtures/sonata/reports/declared.h5';
  t.true((await readFile(path)).length < 20_000);
  const result = await run<{ codes: string[]; values: number[]; grown: number }>(`
    import { peak } from ${support('loaders')};
    const { readSonataReport, readSonataSpikes } = lapicque;
    const window = { start: 5, stop: 7, nodeIds: { a: [1] } };
    const { a } = await readSonataReport('${path}', window);
    const before = peak();
    const codes = [];
    for (const read of [readSonataReport, readSonataSpikes])
      codes.push(await read('${path}').catch(({ code, message }) => code + ': ' + message));
    console.log(JSON.stringify({ codes, values: Array.from(a.values), grown: peak() - before }));
  `);
  t.regex(result.codes[0]!, /^too-large: .*report\/a\/data/);
  t.regex(result.codes[1]!, /^too-large: .*spikes\/a\/node_ids/);
  // A window of it is read.
  t.deepEqual(result.values, [0, 0]);
  t.true(result.grown < 64, `${result.grown} MiB`);
});

test('a damaged shape takes no memory', async (t) => {
  const path = '__test__/circuit/fixtures/sonata/reports/bmtk_currents.h5';
  const result = await run<{ messages: string[]; grown: number }>(`
    import { readFileSync } from 'node:fs';
    import { peak } from ${support('loaders')};
    const bytes = readFileSync('${path}');
    await lapicque.readSonataReport(bytes);
    const before = peak();
    const messages = [];
    // Each word that may be the length of index_pointer, which is 3, becomes 3 + 2^23.
    for (let i = 0; i + 8 <= bytes.length; i += 8) {
      if (bytes.readBigUInt64LE(i) !== 3n) continue;
      const damaged = Buffer.from(bytes);
      damaged[i + 2] = 128;
      messages.push(await lapicque.readSonataReport(damaged).then(() => 'read', ({ code, message }) => code + ': ' + message));
    }
    console.log(JSON.stringify({ messages, grown: peak() - before }));
  `);
  t.true(
    result.messages.some((message) =>
      /^malformed-file: .*index_pointer: 8388611 elements of 8 bytes are declared/.test(message),
    ),
    result.messages.join('\n'),
  );
  t.true(result.grown < 32, `${result.grown} MiB`);
});

const count = process.env.LAPICQUE_LONG_TESTS === '1' ? 10_000 : 60;
const refusals = [
  'malformed-file',
  'unsupported',
  'too-large',
  'invalid-parameter',
  'shape-mismatch',
  'unknown-name',
];

interface Damage {
  readonly bytes: number;
  readonly refused: number;
  /** What is no error of the library, or none of those that files are refused with. */
  readonly wrong: readonly string[];
  readonly slowest: number;
  readonly grown: number;
}

for (const [file, read] of [
  ['spikes.h5', 'readSonataSpikes'],
  ['old_spikes.h5', 'readSonataSpikes'],
  ['elements.h5', 'readSonataReport'],
  ['bmtk_currents.h5', 'readSonataReport'],
] as const) {
  test.serial(`${file} with bytes changed in ${count} ways is read or refused`, async (t) => {
    t.timeout(1_800_000);
    // In a process of its own, of which the memory is that of this alone.
    const script = `
      import { readFileSync } from 'node:fs';
      import { mutated } from ${support('file-bytes')};
      import { peak } from ${support('loaders')};
      import { random } from ${support('numbers')};
      const bytes = readFileSync('__test__/circuit/fixtures/sonata/reports/${file}');
      const next = random(${file.length});
      for (let i = 0; i < 20; i++) await lapicque.${read}(bytes);
      const before = peak();
      const wrong = [];
      let [refused, slowest] = [0, 0];
      for (let i = 0; i < ${count}; i++) {
        if (i % 100 === 0) gc();
        const damaged = mutated(bytes, next);
        const timed = async () => {
          const began = performance.now();
          const error = await lapicque.${read}(damaged).then(() => undefined, (error) => error);
          return [performance.now() - began, error];
        };
        let [took, error] = await timed();
        // Another process may have had the processor.
        if (took > 300) took = Math.min(took, (await timed())[0]);
        slowest = Math.max(slowest, took);
        if (error === undefined) continue;
        refused += 1;
        if (!${JSON.stringify(refusals)}.includes(error.code)) wrong.push(i + ': ' + error.stack);
      }
      console.log(JSON.stringify({ bytes: bytes.length, refused, wrong, slowest, grown: peak() - before }));
    `;
    const { bytes, refused, wrong, slowest, grown } = await run<Damage>(script, {}, 1_800_000);
    t.log(`${refused} refused, the slowest in ${slowest.toFixed(0)} ms, ${grown.toFixed(0)} MiB`);
    t.deepEqual(wrong, []);
    t.true(refused > count / 10, `${refused} refused`);
    t.true(slowest < 1000, `${slowest} ms`);
    t.true(grown < 64 + (4 * bytes) / 2 ** 20, `${grown} MiB`);
  });
}

for (const [folder, config, file] of [
  ['sonata/single', 'config.json', 'edges.h5'],
  ['sonata/single', 'config.json', 'config.json'],
  ['sonata/single', 'config.json', 'depressing.json'],
  ['sonata', 'reports_config.json', 'reports_config.json'],
] as const) {
  const some = Math.ceil(count / 4);
  test.serial(`a network whose ${file} has bytes changed in ${some} ways is read or refused`, async (t) => {
    t.timeout(1_800_000);
    const copy = await mkdtemp(join(tmpdir(), 'sonata-hostile-'));
    t.teardown(() => rm(copy, { recursive: true }));
    await cp(`__test__/circuit/fixtures/${folder}`, copy, { recursive: true });
    const bytes = await readFile(join(copy, file));
    const next = random(file.length);
    let refused = 0;
    for (let i = 0; i < some; i++) {
      await writeFile(join(copy, file), mutated(bytes, next));
      const error = await failure(() => loadSonata(join(copy, config)));
      if (error === undefined) continue;
      refused += 1;
      if (!['io', ...refusals].includes(error.code)) t.fail(`change ${i}: ${error.code}: ${error.message}`);
    }
    t.true(refused > some / 10, `${refused} refused`);
    t.log(`${refused} refused`);
  });
}
