// SONATA's output reports: files of h5py, libsonata's and BMTK's forms read, files of ours read by them, and what a configuration asks for.
import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import * as analysis from '../../src-ts/doors/analysis.ts';
import {
  circuit,
  loadSonata,
  population,
  readSonataReport,
  readSonataSpikes,
  record,
  type SonataSorting,
  simulate,
  sonataRecording,
  spikeSource,
  writeSonataReport,
  writeSonataSpikes,
} from '../../src-ts/doors/circuit.ts';
import { writeReport } from '../../src-ts/doors/figure.ts';
import { openHdf5 } from '../../src-ts/doors/files.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';
import { outcome } from '../support/errors.ts';
import { random } from '../support/numbers.ts';
import { json, lapicque } from '../support/program.ts';

const fixtures = '__test__/circuit/fixtures/sonata';
const reports = `${fixtures}/reports`;

async function scratch(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sonata-reports-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

// As reports.py writes them.
const spikes = { ids: [5, 2, 9, 2, 5], times: [0.1, 0.3, 0.3, 1.2, 7.5] };

test('spikes are read in every form that files of h5py have', async (t) => {
  const read = await readSonataSpikes(`${reports}/spikes.h5`);
  for (const [name, sorting] of [
    ['enumeration', 'by_time'],
    ['text', 'by_time'],
    ['at_ids', 'by_time'],
    ['seconds', 'none'],
    ['no_units', 'none'],
  ] as const) {
    const { times, ids, nodeIds, neurons, start, stop, sorting: storedSorting, warnings } = read[name]!;
    t.deepEqual([...nodeIds], [2, 5, 9], name);
    t.deepEqual(
      Array.from(ids, (i) => nodeIds[i]),
      spikes.ids,
      name,
    );
    times.forEach((time, i) => {
      t.true(Math.abs(time - spikes.times[i]!) < 1e-6, `${name}: ${time}`);
    });
    t.deepEqual([neurons, start, stop, storedSorting], [3, 0, 7.5, sorting], name);
    t.is(warnings.length, name === 'no_units' ? 1 : 0, name);
  }
  t.deepEqual([...read.by_id!.times], [0.3, 1.2, 0.1, 7.5, 0.3]);
  t.is(read.by_id!.sorting, 'by_id');
  t.is(read.wrong_order!.sorting, 'none');
  t.regex(read.wrong_order!.warnings[0]!, /sorted by_time, but spike 1 is not/);
  t.is(read.none!.times.length, 0);
  t.false('nothing' in read);

  const old = await readSonataSpikes(`${reports}/old_spikes.h5`, { population: 'v1' });
  t.deepEqual([...old.v1!.times], spikes.times);
  t.deepEqual([...old.v1!.nodeIds], [2, 5, 9]);
});

test('a window of spikes, and trains for the nodes of a population', async (t) => {
  const nodes = { text: { ids: [9, 4, 5, 2] } };
  const { text } = await readSonataSpikes(`${reports}/spikes.h5`, { nodes, start: 0.2, stop: 2 });
  t.deepEqual([...text!.times], [0.3, 0.3, 1.2]);
  t.deepEqual([...text!.ids], [3, 0, 3]);
  t.deepEqual([text!.neurons, text!.start, text!.stop], [4, 0.2, 2]);
  t.regex(
    await outcome(() => readSonataSpikes(`${reports}/spikes.h5`, { nodes: { text: { ids: [5, 2] } } })),
    /^malformed-file: .*spikes\/text\/node_ids\[2\] is 9; expected one of the 2 nodes/,
  );
  // An analysis takes them as they are: two spikes 0.9 ms apart.
  const intervals = await analysis.intervals(text!);
  t.is(intervals.values.length, 1);
  t.true(Math.abs(intervals.values[0]! - 0.9) < 1e-12);
});

/** The values of reports.py. */
const value = (frame: number, element: number) => 100 * frame + element + 0.25;

test('reports are read in every form that files of h5py have', async (t) => {
  const read = await readSonataReport(`${reports}/elements.h5`);
  t.deepEqual(Object.keys(read).sort(), ['bmtk', 'guide', 'libsonata', 'seconds']);
  for (const [name, report] of Object.entries(read)) {
    t.deepEqual([...report.nodeIds], [7, 3, 11], name);
    t.deepEqual([...report.pointers], [0, 2, 3, 6], name);
    t.deepEqual([...report.elementIds], [1, 0, 0, 0, 4, 4], name);
    t.deepEqual([...report.elementPositions!], [0.5, 0.5, 0.5, 0.5, 0.25, 0.75], name);
    report.times.forEach((time, k) => {
      t.true(Math.abs(time - (2 + k / 2)) < 1e-12, `${name}: ${time}`);
    });
    t.deepEqual(
      [...report.values],
      Array.from({ length: 30 }, (_, i) => value(Math.floor(i / 6), i % 6)),
      name,
    );
    t.deepEqual([report.units, report.variable], name === 'bmtk' ? ['', 'v'] : ['mV', undefined], name);
    t.is(report.warnings.length, name === 'bmtk' ? 3 : 0, name);
  }
  const old = await readSonataReport(`${reports}/old_report.h5`);
  t.deepEqual([...old.default!.elementIds], [1, 0, 0, 0, 4, 4]);
  t.deepEqual([...old.default!.nodeIds], [7, 3, 11]);
});

test('only the frames and nodes that are asked for are read, in the order asked for', async (t) => {
  const options = { start: 2.5, stop: 3.5, nodeIds: { guide: [11, 7] } };
  const { guide } = await readSonataReport(`${reports}/elements.h5`, options);
  t.deepEqual([...guide!.nodeIds], [11, 7]);
  t.deepEqual([...guide!.pointers], [0, 3, 5]);
  t.deepEqual([...guide!.elementIds], [0, 4, 4, 1, 0]);
  t.deepEqual([...guide!.times], [2.5, 3]);
  t.deepEqual([guide!.start, guide!.stop], [2.5, 3.5]);
  t.deepEqual(
    [...guide!.values],
    [1, 2].flatMap((frame) => [3, 4, 5, 0, 1].map((element) => value(frame, element))),
  );
  const empty = await readSonataReport(`${reports}/elements.h5`, { start: 100 });
  t.is(empty.guide!.values.length, 0);
  t.regex(
    await outcome(() => readSonataReport(`${reports}/elements.h5`, { nodeIds: { guide: [7, 4] } })),
    /^invalid-parameter: nodeIds\[1\]: expected a node of .*mapping\/node_ids/,
  );
});

test('spikes and reports are a recording, which figures take', async (t) => {
  const { enumeration } = await readSonataSpikes(`${reports}/spikes.h5`);
  const { guide } = await readSonataReport(`${reports}/elements.h5`);
  const recording = await sonataRecording({
    spikes: { a: enumeration! },
    reports: { v: { a: guide! } },
    stop: 10,
  });
  // Nodes 2, 3, 5, 7, 9, 11 of either.
  t.deepEqual(recording.populations, { a: { first: 0, size: 6 } });
  t.deepEqual([...recording.ids], [2, 0, 4, 0, 2]);
  t.deepEqual([...recording.of('a').times], spikes.times);
  t.true(Math.abs(recording.rates().a! - 5 / (6 * 0.01)) < 1e-9);
  // Of node 7 element 0 is the second, of node 11 the first.
  t.deepEqual(
    [...recording.traces['a.v']!.values].slice(0, 6),
    [0, 1].flatMap((frame) => [1, 2, 3].map((element) => value(frame, element))),
  );
  const to = await scratch(t);
  await writeReport(
    to,
    { title: 'A', raster: recording, traces: recording, rates: recording },
    { formats: ['html'] },
  );
  t.true((await readdir(to)).length > 0);
  t.regex(await outcome(() => sonataRecording({})), /^invalid-parameter: parts/);
});

/** The network with reports_config.json, as reports.py ran it. */
async function withReports(t: ExecutionContext): Promise<string> {
  const folder = join(await scratch(t), 'sonata');
  await cp(fixtures, folder, { recursive: true });
  return folder;
}

test('a configuration records and writes what BMTK and NEST do', async (t) => {
  const folder = await withReports(t);
  const read = await loadSonata(join(folder, 'reports_config.json'));
  t.deepEqual(read.warnings, []);
  t.deepEqual(
    read.reports.map(({ name, file, dt, start, end, units }) => [name, file, dt, start, end, units]),
    [
      ['membrane_potential', 'membrane_potential.h5', 1, 0, 300, 'mV'],
      ['currents', 'currents.h5', 0.5, 50, 80, 'pA'],
    ],
  );
  const recording = await simulate(read.circuit, { duration: 300, dt: read.dt, precision: 'f64' });
  const paths = await read.writeReports(recording);
  t.deepEqual(
    paths.map((path) => path.slice(folder.length)),
    ['/output/spikes.h5', '/output/membrane_potential.h5', '/output/currents.h5'],
  );
  for (const name of ['membrane_potential', 'currents']) {
    const [ours, theirs] = await Promise.all(
      [`${folder}/output/${name}.h5`, `${reports}/bmtk_${name}.h5`].map((path) => readSonataReport(path)),
    );
    const [own, other] = [ours!.cortex!, theirs!.cortex!];
    t.deepEqual([...own.nodeIds], [...other.nodeIds]);
    t.is(own.variable, other.variable);
    // NEST leaves out what it would record at the very end.
    t.is(own.times.length, other.times.length + (name === 'currents' ? 0 : 1));
    other.times.forEach((time, k) => {
      t.true(Math.abs(own.times[k]! - time) < 1e-9);
    });
    // It has written three decimals.
    const far = other.values.findIndex((x, i) => !(Math.abs(x - own.values[i]!) < 6e-4));
    t.is(far, -1, `${name}: ${own.values[far]} for ${other.values[far]}`);
  }
  const [ours, theirs] = await Promise.all(
    [`${folder}/output/spikes.h5`, `${reports}/bmtk_spikes.h5`].map((path) =>
      readSonataSpikes(path, { nodes: read.nodes, stop: 300 }),
    ),
  );
  const sorted = ({ times, ids }: { times: Float64Array; ids: Uint32Array }) =>
    Array.from(times, (time, i) => [Math.round(10 * time), ids[i]!]).sort(
      ([a, b], [c, d]) => a! - c! || b! - d!,
    );
  t.is(ours!.cortex!.neurons, 38);
  t.deepEqual(sorted(ours!.cortex!), sorted(theirs!.cortex!));
  t.deepEqual(Object.keys(ours!), ['cortex']);

  // The names that BMTK's examples have: variables in them, and the spikes as a table.
  const config = join(folder, 'reports_config.json');
  const text = await readFile(config, 'utf8');
  const named = text
    .replace(/"\$OUTPUT": "[^"]*"/, '"$OUTPUT": "./other"')
    .replace('"spikes.h5"', '"$OUTPUT/spikes.h5", "spikes_file_csv": "$OUTPUT/spikes.csv"');
  await writeFile(config, named);
  const other = await loadSonata(config);
  t.deepEqual(
    (await other.writeReports(recording)).map((path) => path.slice(folder.length)),
    ['spikes.h5', 'membrane_potential.h5', 'currents.h5', 'spikes.csv'].map((name) => `/other/${name}`),
  );
  const lines = (await readFile(join(folder, 'other/spikes.csv'), 'utf8')).trimEnd().split('\n');
  t.is(lines[0], 'timestamps population node_ids');
  t.deepEqual(
    lines.slice(1).map((line) => line.split(' ').map((value, i) => (i === 1 ? value : Number(value)))),
    Array.from(ours!.cortex!.times, (time, i) => [
      Number(time.toPrecision(14)),
      'cortex',
      ours!.cortex!.nodeIds[ours!.cortex!.ids[i]!],
    ]),
  );

  // Another folder, of which the configuration says nothing; and files that must not be replaced.
  const elsewhere = join(folder, 'elsewhere', 'deep');
  t.is((await read.writeReports(recording, { folder: elsewhere })).length, 3);
  await writeFile(config, text.replace('"output": {', '"output": { "overwrite_output_dir": false,'));
  const careful = await loadSonata(config);
  t.regex(
    await outcome(() => careful.writeReports(recording)),
    /^invalid-parameter: file_name: .*overwrite_output_dir is false/,
  );
});

test('reports that cannot be recorded are told, and values of the wrong type refused', async (t) => {
  const folder = await withReports(t);
  const path = join(folder, 'reports_config.json');
  const config = JSON.parse(await readFile(path, 'utf8'));
  const baseReport = { module: 'membrane_report', variable_name: 'v', cells: 'inhibitory' };
  const inspectReport = async (report: object, output: object = {}) => {
    const all = { ...config, reports: { a: report }, output: { ...config.output, ...output } };
    await writeFile(path, JSON.stringify(all));
    return loadSonata(path);
  };
  for (const [report, reason] of [
    [{ ...baseReport, module: 'extracellular' }, /reports\.a is not recorded: the module "extracellular"/],
    [{ ...baseReport, sections: 'axon' }, /sections is "axon", but only the soma is recorded/],
    [{ ...baseReport, format: 'ASCII' }, /the format "ASCII"/],
    [{ ...baseReport, variable_name: ['v', 'w'] }, /variable_name is \["v","w"\]/],
    [{ ...baseReport, dt: 0.25 }, /dt is 0\.25 ms, no whole number of steps of 0\.1 ms/],
    [{ ...baseReport, start_time: 0.15 }, /start_time is 0\.15 ms/],
    [{ ...baseReport, transform: { v: 'f' } }, /a transform of BMTK/],
    [{ ...baseReport, variable_name: 'cai' }, /has no variable cai; it has V_m, I_syn_ex, I_syn_in/],
    [{ ...baseReport, cells: 'lgn' }, /no neurons that have its variable/],
  ] as const) {
    const { warnings, reports } = await inspectReport(report);
    t.regex(warnings.join('\n'), reason);
    t.deepEqual(reports, []);
  }
  t.deepEqual((await inspectReport({ ...baseReport, enabled: false, module: 'x' })).warnings, []);
  t.regex(
    (await inspectReport(baseReport, { spikes_file_nwb: 'x.nwb' })).warnings[0]!,
    /spikes_file_nwb is not written/,
  );
  // As in an example of the Allen Institute.
  const loose = await inspectReport({ ...baseReport, sections: 'multimeter_report' });
  t.regex(loose.warnings.join(), /sections is "multimeter_report": the soma is recorded/);
  t.is(loose.reports.length, 1);
  const sections = await inspectReport({ ...baseReport, sections: 'all', format: 'HDF5', unit: 'V/1000' });
  t.is(sections.reports[0]!.units, 'V/1000');
  for (const [report, output, reason] of [
    [{ ...baseReport, dt: 'x' }, {}, /reports\.a\.dt should be a number, not "x"/],
    [{ ...baseReport, dt: -1 }, {}, /reports\.a\.dt is -1; expected a number above 0/],
    [{ ...baseReport, end_time: -1 }, {}, /reports\.a\.end_time is -1, before its start_time/],
    [{ ...baseReport, cells: 'nobody' }, {}, /reports\.a\.cells: there is no node set nobody/],
    [{ ...baseReport, file_name: 3 }, {}, /reports\.a\.file_name should be a file name/],
    [baseReport, { spikes_file: 3 }, /output\.spikes_file should be a file name/],
    [baseReport, { spikes_file: '$NOWHERE/x' }, /the manifest has no \$NOWHERE/],
  ] as const)
    t.regex(
      await outcome(() => inspectReport(report, output)),
      new RegExp(`^malformed-file: .*${reason.source}`),
    );

  const off = await inspectReport(baseReport);
  t.is(off.reports.length, 1);
  const without = await loadSonata(path, { reports: false });
  t.deepEqual(without.reports, []);
  t.deepEqual(without.circuit.description.record?.traces ?? [], []);
  // Files of a configuration stay in its folder.
  const recording = await simulate(off.circuit, { duration: 1, dt: 0.1 });
  const out = await inspectReport({ ...baseReport, file_name: '../../out.h5' });
  t.regex(
    await outcome(() => out.writeReports(recording)),
    /^invalid-parameter: file_name: expected a file in the folder of outputs/,
  );
  const other = await simulate(circuit(population(iafPscExp, 2, { name: 'E' })), { duration: 1 });
  t.regex(await outcome(() => off.writeReports(other)), /^unknown-name: .*population of the recording/);
});

test('a recording is written as h5py reads it, and read back', async (t) => {
  const folder = await scratch(t);
  const E = population(iafPscExp, 5, { name: 'E', iBias: [380, 400, 420, 440, 460] });
  const input = spikeSource([[1, 2], [3]], { name: 'in' });
  const recording = await simulate(circuit(E, input, record.spikes(E), record.traces(E, ['v'], 0.5)), {
    duration: 60,
    dt: 0.1,
  });
  const path = join(folder, 'spikes.h5');
  await writeSonataSpikes(path, recording);
  const { E: read } = await readSonataSpikes(path, { nodes: { E: { ids: [0, 1, 2, 3, 4] } }, stop: 60 });
  t.true(read!.times.length > 4);
  t.deepEqual([...read!.times], [...recording.times]);
  t.deepEqual([...read!.ids], [...recording.ids]);
  t.is(read!.sorting, 'by_time');
  const nodeIds = [100, 20, 30, 40, 50];
  await writeSonataSpikes(
    path,
    { x: { ...recording.of('E'), nodeIds } },
    { sorting: 'by_id', deflate: true },
  );
  const { x } = await readSonataSpikes(path);
  t.deepEqual([x!.sorting, [...x!.nodeIds]], ['by_id', [20, 30, 40, 50, 100]]);
  {
    const file = await openHdf5(path);
    t.teardown(() => file.close());
    t.is(Number((await file.attributes()).get('magic')!.values as never), 0x0a7a);
    const { type } = await file.dataset('spikes/x/node_ids');
    t.is(type, 'uint64');
    t.deepEqual((await file.attributes('spikes/x')).get('sorting')!.type, {
      enum: 'uint8',
      names: { none: 0, by_id: 1, by_time: 2 },
    });
  }

  const v = join(folder, 'v.h5');
  const trace = recording.traces['E.v']!;
  await writeSonataReport(v, { E: { ...trace, units: 'mV', variable: 'v', nodeIds } }, { type: 'float64' });
  const { E: back } = await readSonataReport(v);
  t.deepEqual([...back!.values], [...trace.values]);
  t.deepEqual([...back!.nodeIds], nodeIds);
  t.deepEqual([back!.units, back!.variable, back!.dt, back!.start, back!.stop], ['mV', 'v', 0.5, 0.5, 60.5]);
  // Elements of several sections, as they were.
  const { guide, bmtk } = await readSonataReport(`${reports}/elements.h5`);
  await writeSonataReport(v, { guide: guide!, bmtk: bmtk! });
  const { warnings: _, ...again } = (await readSonataReport(v)).guide!;
  const { warnings: __, ...first } = guide!;
  t.deepEqual(again, first);
  t.is((await readSonataReport(v)).bmtk!.units, '');
});

test('spikes in any order are sorted as the file says', async (t) => {
  const path = join(await scratch(t), 'spikes.h5');
  const next = random(3);
  const spikes = Array.from({ length: 5000 }, () => [Math.floor(500 * next()) / 10, Math.floor(40 * next())]);
  const [times, ids] = [0, 1].map((k) => spikes.map((spike) => spike[k]!));
  const spikesSorted = async (sorting: SonataSorting) => {
    await writeSonataSpikes(path, { a: { times: times!, ids: ids! } }, { sorting });
    const { a } = await readSonataSpikes(path);
    t.deepEqual(a!.warnings, []);
    return Array.from(a!.times, (time, i) => [time, a!.nodeIds[a!.ids[i]!]!]);
  };
  t.deepEqual(await spikesSorted('none'), spikes);
  // Array.prototype.sort is stable.
  t.deepEqual(
    await spikesSorted('by_time'),
    spikes.toSorted(([a], [b]) => a! - b!),
  );
  t.deepEqual(
    await spikesSorted('by_id'),
    spikes.toSorted(([a, b], [c, d]) => b! - d! || a! - c!),
  );
});

test('what cannot be written is refused', async (t) => {
  const path = join(await scratch(t), 'x.h5');
  const spikesOf = (data: object) => outcome(() => writeSonataSpikes(path, { a: data as never }));
  t.regex(await spikesOf({ times: [1], ids: [] }), /^invalid-parameter: spikes\.a\.ids: .*1 times/);
  t.regex(await spikesOf({ times: [Number.NaN], ids: [0] }), /^invalid-parameter: spikes\.a\.times\[0\]/);
  t.regex(await spikesOf({ times: [1], ids: [-1] }), /^invalid-parameter: spikes\.a\.ids\[0\]/);
  t.regex(
    await spikesOf({ times: [1], ids: [3], nodeIds: [1] }),
    /^invalid-parameter: spikes\.a\.nodeIds\[3\]/,
  );
  const reportOf = (data: object) =>
    outcome(() => writeSonataReport(path, { a: { units: 'mV', times: [1, 2], values: [1, 2], ...data } }));
  t.is(await reportOf({}), 'succeeded');
  t.regex(
    await reportOf({ values: [1, 2, 3] }),
    /^invalid-parameter: reports\.a\.values: .*multiple of the 2/,
  );
  t.regex(
    await reportOf({ nodeIds: [1, 2] }),
    /^invalid-parameter: reports\.a\.values: .*2 times of 2 elements/,
  );
  t.regex(
    await reportOf({ times: [1, 5, 6], values: [1, 2, 3] }),
    /^invalid-parameter: reports\.a\.times\[1\]/,
  );
  t.regex(await reportOf({ times: [1], values: [1] }), /^invalid-parameter: reports\.a\.dt/);
  t.regex(await reportOf({ units: undefined }), /^invalid-parameter: reports\.a\.units/);
  t.regex(
    await reportOf({ values: [1, 2, 3, 4], nodeIds: [1, 1] }),
    /^invalid-parameter: reports\.a\.nodeIds: .*each node once/,
  );
  t.regex(
    await reportOf({ values: [1, 2, 3, 4], nodeIds: [1], pointers: [2, 1], elementIds: [0, 0] }),
    /^invalid-parameter: reports\.a\.pointers/,
  );
});

test.serial('the command line inspects reports and writes those of a configuration', async (t) => {
  const folder = await scratch(t);
  const inspection = await json(['inspect', `${reports}/spikes.h5`]);
  t.like(inspection, { kind: 'sonata', reports: [] });
  t.like(
    inspection.spikes.find(({ population }: { population: string }) => population === 'text'),
    {
      ...{ spikes: 5, firing: 3, sorting: 'by_time', min: 0.1, max: 7.5 },
    },
  );
  const elements = await lapicque(['inspect', `${reports}/elements.h5`]);
  t.regex(elements.stdout, /guide .* 3 .* 6 .* 5 .* 2 to 4\.5 by 0\.5 .* mV/);
  const run = await json([
    'simulate',
    `${fixtures}/single/config.json`,
    '--seconds',
    '0.02',
    '--reports',
    folder,
  ]);
  t.deepEqual(run.reports, [join(folder, 'spikes.h5'), join(folder, 'v.h5')]);
  t.is((await readSonataReport(join(folder, 'v.h5'))).net!.times.length, 40);
});

const python = process.env.LAPICQUE_PYTHON ?? 'python3';
const there = spawnSync(python, ['-c', 'import h5py, libsonata']).status === 0;
const peers = there ? test : test.skip;

peers(
  `libsonata reads what is written${there ? '' : ` (skipped: ${python} has no h5py and libsonata)`}`,
  async (t) => {
    const folder = await scratch(t);
    const [first, second] = [join(folder, 'spikes.h5'), join(folder, 'report.h5')];
    const times = [0.5, 0.25, 2, 2];
    await writeSonataSpikes(first, { a: { times, ids: [1, 0, 1, 0], nodeIds: [7, 3] } });
    const { guide } = await readSonataReport(`${reports}/elements.h5`);
    await writeSonataReport(second, { a: guide! });
    const script = `
import json, sys, libsonata
spikes = libsonata.SpikeReader(sys.argv[1])["a"]
report = libsonata.ElementReportReader(sys.argv[2])["a"]
frame = report.get(node_ids=[11, 7], tstart=2.5, tstop=3.0)
print(json.dumps({
  "spikes": spikes.get(), "sorting": spikes.sorting, "units": spikes.time_units,
  "times": report.times, "data_units": report.data_units, "nodes": list(report.get_node_ids()),
  "ids": [list(map(int, one)) for one in frame.ids], "data": frame.data.tolist(),
}))`;
    const comparison = JSON.parse(execFileSync(python, ['-c', script, first, second], { encoding: 'utf8' }));
    t.deepEqual(comparison, {
      spikes: [
        [7, 0.25],
        [3, 0.5],
        [3, 2],
        [7, 2],
      ],
      sorting: 'by_time',
      units: 'ms',
      times: [2, 4.5, 0.5],
      data_units: 'mV',
      nodes: [7, 3, 11],
      ids: [
        [11, 0],
        [11, 4],
        [11, 4],
        [7, 1],
        [7, 0],
      ],
      data: [1, 2].map((frame) => [3, 4, 5, 0, 1].map((element) => value(frame, element))),
    });
  },
);
