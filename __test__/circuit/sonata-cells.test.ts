// Biophysical nodes of SONATA against NEURON: cells of an SWC file with parameters of the Allen database, synapses at places, a clamp.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadSonata, type SonataOptions, simulate } from '../../src-ts/doors/circuit.ts';
import { hdf5Dataset, writeHdf5 } from '../../src-ts/doors/files.ts';
import { cell as cellOf, type Mechanism, mechanisms } from '../../src-ts/doors/morphology.ts';
import { outcome } from '../support/errors.ts';

const fixture = '__test__/fixtures/morphology/sonata';
const readJson = (name: string) => JSON.parse(readFileSync(join(fixture, name), 'utf8'));

interface Edge {
  train?: number;
  source?: number;
  target: number;
  section: number;
  x: number;
  weight: number;
  delay: number;
  kind: number;
}
const network = readJson('network.json') as {
  dt: number;
  duration: number;
  celsius: number;
  v_init: number;
  kinds: [number, number, number][];
  trains: number[][];
  edges: Edge[];
  clamp: { amp: number; delay: number; duration: number };
};

/** Changes of the files, by name: from one text to another. */
type Changes = Readonly<Record<string, readonly [string, string]>>;

/** The network of the oracle as SONATA files. */
async function written(t: ExecutionContext, changes: Changes = {}, regions = false): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lapicque-sonata-cells-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => {
    const [from, to] = changes[name] ?? ['', ''];
    writeFileSync(join(folder, name), text.replace(from, to));
  };
  mkdirSync(join(folder, 'synapses'));
  copyFileSync(join(fixture, 'cell.swc'), join(folder, 'cell.swc'));
  write('cell.json', readFileSync(join(fixture, 'cell.json'), 'utf8'));
  network.kinds.forEach(([tau1, tau2, erev], i) => {
    write(`synapses/${i}.json`, JSON.stringify({ level_of_detail: 'exp2syn', tau1, tau2, erev }));
  });
  write(
    'node_types.csv',
    'node_type_id model_type model_template model_processing morphology dynamics_params\n' +
      '1 biophysical ctdb:Biophys1.hoc aibs_perisomatic cell.swc cell.json\n',
  );
  const types = network.kinds.map((_, i) => `${i} Exp2Syn ${i}.json`).join('\n');
  write('edge_types.csv', `edge_type_id model_template dynamics_params\n${types}\n`);
  write('source_types.csv', 'node_type_id model_type\n1 virtual\n');
  for (const [name, population, count] of [
    ['nodes.h5', 'cells', 2],
    ['sources.h5', 'inputs', 2],
  ] as const) {
    const group = { x: new Float64Array(count), y: new Float64Array(count), z: new Float64Array(count) };
    await writeHdf5(join(folder, name), {
      nodes: {
        [population]: {
          node_type_id: new Uint32Array(count).fill(1),
          node_id: Uint32Array.from({ length: count }, (_, i) => i),
          node_group_id: new Uint32Array(count),
          node_group_index: Uint32Array.from({ length: count }, (_, i) => i),
          '0': population === 'cells' ? group : {},
        },
      },
    });
  }
  const populations: [string, string, Edge[]][] = [
    ['recurrent', 'cells', network.edges.filter(({ source }) => source !== undefined)],
    ['feedforward', 'inputs', network.edges.filter(({ train }) => train !== undefined)],
  ];
  for (const [name, from, edges] of populations) {
    const ids = (values: number[], node_population: string) =>
      hdf5Dataset(Uint32Array.from(values), { attributes: { node_population } });
    const column = (pick: (edge: Edge) => number) => Float64Array.from(edges, pick);
    await writeHdf5(join(folder, `${name}.h5`), {
      edges: {
        [name]: {
          source_node_id: ids(
            edges.map(({ train, source }) => (train ?? source)!),
            from,
          ),
          target_node_id: ids(
            edges.map(({ target }) => target),
            'cells',
          ),
          edge_type_id: Uint32Array.from(edges, ({ kind }) => kind),
          edge_group_id: new Uint32Array(edges.length),
          edge_group_index: Uint32Array.from(edges, (_, i) => i),
          '0': {
            syn_weight: column(({ weight }) => weight),
            delay: column(({ delay }) => delay),
            ...(regions
              ? {}
              : {
                  afferent_section_id: column(({ section }) => section),
                  afferent_section_pos: column(({ x }) => x),
                }),
          },
        },
      },
    });
  }
  const spikes = network.trains.flatMap((train, id) => train.map((time) => `${time} inputs ${id}`));
  write('spikes.csv', `timestamps population node_ids\n${spikes.join('\n')}\n`);
  write(
    'config.json',
    JSON.stringify({
      networks: {
        nodes: [
          { nodes_file: 'nodes.h5', node_types_file: 'node_types.csv' },
          { nodes_file: 'sources.h5', node_types_file: 'source_types.csv' },
        ],
        edges: populations.map(([name]) => ({
          edges_file: `${name}.h5`,
          edge_types_file: 'edge_types.csv',
        })),
      },
      components: {
        morphologies_dir: '.',
        biophysical_neuron_models_dir: '.',
        synaptic_models_dir: 'synapses',
      },
      run: { dt: network.dt, tstop: network.duration, dL: 20, spike_threshold: -15 },
      conditions: { celsius: network.celsius, v_init: network.v_init },
      inputs: {
        trains: { input_type: 'spikes', module: 'csv', input_file: 'spikes.csv', node_set: 'all' },
        clamp: {
          input_type: 'current_clamp',
          module: 'IClamp',
          node_set: { node_id: [0], population: 'cells' },
          ...network.clamp,
        },
      },
      reports: {
        v: {
          variable_name: 'v',
          cells: { population: 'cells' },
          module: 'membrane_report',
          sections: 'soma',
          dt: 0.5,
        },
      },
    }),
  );
  return join(folder, 'config.json');
}

/** The catalog's squid axon as a user would write it, with NEURON's names of the parameters. */
function ownHh(): Mechanism {
  const { equations, functions, ions } = mechanisms().find(({ name }) => name === 'hh')!;
  const renamed = 'gNa = gnabar\ngK = gkbar\ngLeak = gl\neLeak = el\n';
  return {
    name: 'hhOfNeuron',
    parameters: { gnabar: 0.12, gkbar: 0.036, gl: 3e-4, el: -54.3 },
    ions,
    functions: functions!,
    equations: renamed + equations,
  };
}

for (const [whose, own] of [
  ['of the catalog', undefined],
  ["of the caller's", { hh: ownHh() }],
] as const)
  test(`two cells with synapses, a clamp and mechanisms ${whose} have NEURON's voltages`, async (t) => {
    const loaded = await loadSonata(await written(t), own === undefined ? {} : { mechanisms: own });
    t.deepEqual(loaded.warnings, []);
    const recording = await simulate(loaded.circuit, {
      duration: loaded.duration!,
      dt: loaded.dt,
      precision: 'f64',
    });
    const trace = Object.values(recording.traces)[0]!;
    const { v } = readJson('neuron.json') as { v: number[][] };
    const far = [0, 0];
    v.forEach((expected, cell) => {
      expected.forEach((value, i) => {
        far[cell] = Math.max(far[cell]!, Math.abs(trace.values[i * 2 + cell]! - value));
      });
    });
    t.log(`mV from NEURON: ${far.join(', ')}`);
    // NEURON keeps points of a morphology in single precision.
    t.true(Math.max(...far) < 1e-5, far.join());
  });

const wrong: [Changes, RegExp][] = [
  [{ 'cell.json': ['gnabar_hh', 'gbar_hh'] }, /^unknown-name: .*parameter of hh .*gbar/],
  [{ 'cell.json': ['"mechanism": "hh"', '"mechanism": "Ih"'] }, /^unsupported: .*gnabar_hh.*Ih/],
  [
    {
      'cell.json': [
        'gl_hh", "value": 0.0001, "mechanism": "hh',
        'gbar_Ih", "value": 0.0001, "mechanism": "Ih',
      ],
    },
    /^unsupported: .*mechanism Ih: give it as equations/,
  ],
  [{ 'cell.json': ['"ra": 120', '"ra": "much"'] }, /^malformed-file: .*passive\[0\].ra should be a number/],
  [
    { 'node_types.csv': ['aibs_perisomatic', 'aibs_allactive'] },
    /^unsupported: .*model_processing aibs_allactive/,
  ],
  [{ 'node_types.csv': ['cell.swc', 'other.swc'] }, /^io: /],
  [{ 'synapses/0.json': ['tau1', 'tau'] }, /^unsupported: .*parameter tau of an exp2syn/],
  [
    { 'edge_types.csv': ['0 Exp2Syn', '0 static_synapse'] },
    /^unsupported: .*(static_synapse|level_of_detail)/,
  ],
];
for (const [i, [changes, pattern]] of wrong.entries())
  test(`what is wrong with cells is told: ${i}, ${Object.values(changes)[0]![1]}`, async (t) => {
    const path = await written(t, changes);
    t.regex(await outcome(() => loadSonata(path)), pattern);
  });

test('cells and mechanisms of the caller, and synapses anywhere on a region', async (t) => {
  const types = (columns: string, ...values: readonly string[]) =>
    `${columns} dynamics_params\n0 Exp2Syn ${values[0]}0.json\n1 Exp2Syn ${values[1]}1.json`;
  const changes: Changes = {
    'edge_types.csv': [
      types('model_template', '', ''),
      types(
        'model_template target_sections distance_range nsyns',
        `"['basal','apical']" "[20,150]" 3 `,
        `"['somatic']" NULL 1 `,
      ),
    ],
  };
  const path = await written(t, changes, true);
  const options: SonataOptions = {
    cells: {
      'ctdb:Biophys1.hoc': ({ morphology, params }) => {
        t.true('genome' in params);
        t.is(morphology.branches.filter(({ tag }) => tag === 'axon').length, 2);
        return { cell: cellOf(morphology, { paint: [{ mechanism: 'passive' }] }) };
      },
    },
  };
  const { circuit } = await loadSonata(path, options);
  const simulation = await circuit.compile({ dt: 0.025, seed: 3, precision: 'f64' });
  // Three synapses at random for each of the six edges of the first kind, one at the soma for the other two.
  const { weights } = await simulation.connections();
  const each = network.edges.flatMap(({ kind, weight }) =>
    kind === 0 ? [weight, weight, weight] : [weight],
  );
  const ascending = (values: Iterable<number>) => Array.from(values).sort((a, b) => a - b);
  t.is(weights.length, each.length);
  t.true(ascending(weights).every((w, i) => Math.abs(w / ascending(each)[i]! - 1) < 1e-12));
  simulation.dispose();
  const recording = await simulate(circuit, { duration: 20, dt: 0.025, seed: 3 });
  t.true(Object.values(recording.traces)[0]!.values.some((v) => v > -60));
  const { gl: _, ...others } = ownHh().parameters!;
  const without = { hh: { ...ownHh(), parameters: others } };
  t.regex(
    await outcome(async () => loadSonata(await written(t), { mechanisms: without })),
    /^unknown-name: .*parameter of hh .*"gl"/,
  );
  const elsewhere = { 'ctdb:Biophys1.hoc': () => ({ cell: {} as never }) };
  const nothing = { 'ctdb:Biophys1.hoc': () => undefined as never };
  t.regex(await outcome(() => loadSonata(path, { cells: nothing })), /^invalid-parameter: .*cell/);
  t.regex(await outcome(() => loadSonata(path, { cells: elsewhere })), /^invalid-parameter: .*cell/);
  t.regex(
    await outcome(async () => loadSonata(await written(t, {}, true))),
    /^unsupported: .*neither afferent_section_id/,
  );
});

test('options that are not maps of functions or mechanisms are refused', async (t) => {
  const path = await written(t);
  for (const name of ['models', 'synapses', 'cells', 'mechanisms'] as const)
    for (const value of [7, null, [], { x: 7 }, { x: 'nothing' }, { x: null }]) {
      const options = { [name]: value } as SonataOptions;
      t.regex(
        await outcome(() => loadSonata(path, options)),
        /^(invalid-parameter|unknown-name): /,
        `${name} ${JSON.stringify(value)}`,
      );
    }
});
