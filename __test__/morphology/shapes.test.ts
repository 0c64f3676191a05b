// Shapes from files and from branches, their compartments and regions.
import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import * as morphology from '../../src-ts/doors/morphology.ts';
import { failure } from '../support/errors.ts';

const folder = '__test__/fixtures/morphology/swc';

// Sections, length and area by NEURON's Import3d and by Arbor's load_swc_arbor (fixtures/morphology/README.md).
for (const [file, soma, branches, length, area] of [
  ['single_point_soma', 'cylinder', 10, 1433.983390307166, 5875.42384862711],
  ['three_point_soma', 'cylinder', 220, 9959.625, 19722.1513],
  ['three_point_soma', 'frusta', undefined, 10044.0605, 21238.2061],
  ['variable_radii', 'frusta', 3, 263.1371, 530.6874],
] as const)
  test(`${file} as ${soma}`, async (t) => {
    const shape = await morphology.fromSwc(readFileSync(`${folder}/${file}.swc`), { soma });
    if (branches !== undefined) t.is(shape.branches.length, branches);
    t.true(Math.abs(shape.length / length - 1) < 1e-6);
    t.true(Math.abs(shape.area / area - 1) < 1e-6);
  });

test('notes say how a file was read', async (t) => {
  const { notes } = await morphology.fromSwc(`${folder}/single_point_soma.swc`);
  t.deepEqual(notes[0], { kind: 'soma-cylinder', points: 1 });
  const lines = new TextEncoder().encode('1 3 0 0 0 1 -1\n2 3 9 0 0 1 1\n3 3 9 0 0 1 2\n4 3 12 0 0 1 3\n');
  const doubled = await morphology.fromSwc(lines);
  t.deepEqual(doubled.notes, [{ kind: 'duplicate-points', ids: [3] }, { kind: 'no-soma' }]);
});

/** A soma of 20 µm, a trunk of 100 µm, two twigs of 50 µm. */
function fork() {
  return morphology.fromBranches([
    {
      points: [
        [0, 0, 0, 10],
        [20, 0, 0, 10],
      ],
    },
    {
      tag: 'apic',
      parent: 0,
      points: [
        [20, 0, 0, 2],
        [120, 0, 0, 2],
      ],
    },
    {
      tag: 'apic',
      parent: 1,
      points: [
        [120, 0, 0, 1],
        [120, 50, 0, 1],
      ],
    },
    {
      tag: 7,
      parent: 1,
      points: [
        [120, 0, 0, 1],
        [120, 0, 60, 0.5],
      ],
    },
  ]);
}

test('branches have lengths, areas, orders and distances', (t) => {
  const { branches, length } = fork();
  t.deepEqual(
    branches.map((branch) => branch.length),
    [20, 100, 50, 60],
  );
  t.deepEqual(
    branches.map((branch) => branch.distance),
    [10, 110, 160, 170],
  );
  t.deepEqual(
    branches.map((branch) => branch.order),
    [0, 1, 2, 2],
  );
  t.deepEqual(
    branches.map((branch) => branch.isTip),
    [false, false, true, true],
  );
  t.deepEqual(
    branches.map((branch) => branch.tag),
    ['soma', 'apic', 'apic', 7],
  );
  t.is(length, 230);
  t.true(Math.abs(branches[0]!.area - 400 * Math.PI) < 1e-9);
  t.true(Math.abs(branches[3]!.area - Math.PI * 1.5 * Math.hypot(60, 0.5)) < 1e-9);
  t.deepEqual(fork().tip(), { branch: 3, x: 1 });
  t.deepEqual(fork().tip('apic'), { branch: 2, x: 1 });
});

test('functions of the compartment paint by distance; regions choose compartments', (t) => {
  const seen: morphology.Compartment[] = [];
  const passive = (region: morphology.Region) => ({
    mechanism: 'passive' as const,
    region,
    parameters: { g: (compartment: morphology.Compartment) => seen.push(compartment) },
  });
  const distances = (region: morphology.Region) => {
    seen.length = 0;
    morphology.cell(fork(), { compartments: { perBranch: 1 }, paint: [passive(region)] });
    return seen.map(({ distance }) => distance);
  };
  t.deepEqual(distances('all'), [0, 60, 135, 140]);
  t.deepEqual(distances('apic'), [60, 135]);
  t.deepEqual(distances(7), [140]);
  t.deepEqual(distances({ distance: [60, 140] }), [60, 135]);
  t.deepEqual(distances({ order: [0, 1] }), [0, 60]);
  t.deepEqual(distances({ subtree: 1 }), [60, 135, 140]);
  t.deepEqual(distances({ not: { union: ['soma', { branches: [2] }] } }), [60, 140]);
  t.deepEqual(distances({ intersection: ['apic', { distance: [100, Number.POSITIVE_INFINITY] }] }), [135]);
  t.deepEqual(seen[0], { branch: 2, x: 0.5, distance: 135, tag: 'apic', radius: 1 });
});

test('errors name the field', async (t) => {
  const shape = fork();
  const cell = morphology.cell(shape, { paint: [{ mechanism: 'hh', region: 'soma' }] });
  const at = { branch: 0, x: 0.5 };
  const named = async (call: () => unknown) => {
    const error = await failure(call);
    return error === undefined ? 'succeeded' : `${error.code}: ${error.message.split(':')[0]}`;
  };
  const paint = (one: object) => () => morphology.cell(shape, { paint: [one as morphology.Paint] });
  const run = (options: object) => () => morphology.simulateCells(cell, { duration: 1, ...options });
  const cases: [() => unknown, string][] = [
    [
      () =>
        morphology.fromBranches([
          {
            points: [
              [0, 0, 0, 1],
              [1, 0, 0, 0],
            ],
          },
        ]),
      'invalid-parameter: branches[0].points[1]',
    ],
    [paint({ mechanism: 'hodgkin' }), 'unknown-name: unknown paint[0].mechanism "hodgkin"'],
    [
      paint({ mechanism: 'hh', parameters: { gNa: Number.NaN } }),
      'invalid-parameter: paint[0].parameters.gNa',
    ],
    [
      paint({ mechanism: 'hh', parameters: { gna: 1 } }),
      'unknown-name: unknown parameter of hh "gna"; did you mean "gNa"?',
    ],
    [paint({ mechanism: 'hh', region: { distance: 3 } }), 'invalid-parameter: paint[0].region.distance'],
    [
      () => morphology.cell(shape, { paint: [{ mechanism: 'hh' }, { mechanism: 'hh', region: 'soma' }] }),
      'invalid-parameter: paint[1].region',
    ],
    [
      run({ currentClamps: { a: { at: { branch: 4, x: 0 }, amplitude: 1 } } }),
      'invalid-parameter: currentClamps.a.at.branch',
    ],
    [run({ record: { a: { at, value: 'hh.q' } } }), 'unknown-name: unknown state "q"; known are m, h, n'],
    [run({ record: { a: { at, value: 'speed' } } }), 'invalid-parameter: record.a.value'],
    [
      run({ connections: [{ from: 'x', to: 'y', weight: 1, delay: 1 }] }),
      'unknown-name: unknown detector "x"',
    ],
    [run({ dt: 0.3 }), 'invalid-parameter: duration'],
    [run({ duratoin: 3 }), 'unknown-name: unknown option of options "duratoin"; did you mean "duration"?'],
  ];
  for (const [call, expected] of cases) t.is(await named(call), expected);
  const wrong = morphology.cell(shape, {
    paint: [{ mechanism: { name: 'bad', equations: 'i = g*(v - 1)' } }],
  });
  const error = await failure(() => morphology.simulateCells(wrong, { duration: 1 }));
  t.is(error?.code, 'equation');
});

test('hostile files are refused or read, within bounds', async (t) => {
  const file = readFileSync(`${folder}/variable_radii.swc`);
  const codes = new Map<string, number>();
  const read = async (bytes: Uint8Array) => {
    const error = await failure(() => morphology.fromSwc(bytes));
    const code = error?.code ?? 'read';
    codes.set(code, (codes.get(code) ?? 0) + 1);
  };
  const change = fc.tuple(
    fc.nat(file.length - 1),
    fc.constantFrom(...Buffer.from('0123456789 -.\n#eE\0\xff')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
      const bytes = Uint8Array.from(file);
      for (const [at, byte] of changes) bytes[at] = byte;
      await read(bytes);
    }),
    { numRuns: 500, seed: 51 },
  );
  const text = (lines: string) => read(new TextEncoder().encode(lines));
  await text('');
  await text('1 1 0 0 0 5 2\n2 1 0 0 0 5 1\n');
  await text('1 1 0 0 0 0 -1\n2 3 9 0 0 1 1\n');
  await text('1 1 0 0 0 1e308 -1\n2 3 9 0 0 1 1\n');
  t.deepEqual([...codes.keys()].sort(), ['malformed-file', 'read']);
  // A chain of 100,000 points, the last of them first.
  const count = 100_000;
  const chain = Array.from(
    { length: count },
    (_, i) => `${count - i} 3 ${count - i} 0 0 1 ${count - i - 1 || -1}`,
  );
  const long = await morphology.fromSwc(new TextEncoder().encode(chain.join('\n')));
  t.is(long.length, count - 1);
});

test('an estimate, a compartment count beyond memory, and an aborted run', async (t) => {
  const cell = morphology.cell(fork(), { compartments: { perBranch: 3 }, paint: [{ mechanism: 'hh' }] });
  const at = { branch: 0, x: 0.5 };
  const size = { duration: 10, record: { a: { at } }, sampleInterval: 0.1 };
  const small = morphology.estimateCells(Array(8).fill(cell), size);
  t.is(small.nodes, 8 * cell.compartments.count);
  t.deepEqual([small.steps, small.samples], [400, 101]);
  const large = morphology.estimateCells(Array(80).fill(cell), size);
  t.true(large.bytes > 9 * (small.bytes - 16 * 101) && small.bytes > 8 * 17 * 8 * 3);
  const refused = await failure(() =>
    morphology.cell(fork(), { compartments: { maxLength: 1e-12 }, paint: [] }),
  );
  t.is(refused?.code, 'too-large');
  const signal = AbortSignal.timeout(20);
  const aborted = await failure(() => morphology.simulateCells(cell, { duration: 1e6, signal }));
  t.is(aborted?.code, 'aborted');
});

test('the type of names of the catalog has those of the catalog', (t) => {
  const names: Record<morphology.MechanismName, true> = {
    passive: true,
    hh: true,
    caHva: true,
    caPool: true,
    kCa: true,
    ih: true,
    naTraub: true,
    kTraub: true,
    caTraub: true,
    naMainen: true,
    kvMainen: true,
    kmMainen: true,
    kCaMainen: true,
    caMainen: true,
  };
  t.deepEqual(
    morphology
      .mechanisms()
      .map(({ name }) => String(name))
      .sort(),
    Object.keys(names).sort(),
  );
});
