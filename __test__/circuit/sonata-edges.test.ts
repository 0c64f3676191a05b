// Parameters of single edges in SONATA networks: as NEST has them, synapse by synapse; and what cannot be so.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  loadSonata,
  type SonataOptions,
  type SynapseModel,
  simulate,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { type Hdf5Tree, hdf5Dataset, writeHdf5 } from '../../src-ts/doors/files.ts';
import { outcome } from '../support/errors.ts';

const fixtures = '__test__/circuit/fixtures/sonata';

async function scratch(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sonata-edges-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

test('parameters of single edges have the spikes, potentials and synapses that NEST gives them', async (t) => {
  const read = await loadSonata(`${fixtures}/single/config.json`);
  t.deepEqual(read.warnings, []);
  const recording = await simulate(read.circuit, { duration: 400, dt: read.dt, precision: 'f64' });
  const expected = JSON.parse(await readFile(`${fixtures}/single/nest.json`, 'utf8'));
  t.deepEqual(
    Array.from(recording.times, (time, i) => [Math.round(10 * time) / 10, recording.ids[i]!]),
    expected.times.map((time: number, i: number) => [time, expected.ids[i]]),
  );
  const { values } = recording.traces['net.v']!;
  for (const [column, node] of ['2', '9'].entries())
    (expected.v[node] as number[]).forEach((v, k) => {
      t.true(Math.abs(v - values[2 * k + column]!) < 1e-9, `node ${node}, frame ${k}`);
    });
  // The parameters matter: without them the types' would hold.
  const models = read.circuit.description.connections!.flatMap(
    ({ synapse }) => (synapse ?? []) as SynapseModel,
  );
  const rates = models.filter(({ model }) => model === 'stdp').map(({ params }) => params.lambda);
  t.deepEqual([...new Set(rates)].sort(), [0.02, 0.05, 0.1]);
});

test('parameters of single edges that a synapse has not, or too many, are refused by name', async (t) => {
  const folder = join(await scratch(t), 'single');
  await cp(`${fixtures}/single`, folder, { recursive: true });
  const table = join(folder, 'edge_types.csv');
  const text = await readFile(table, 'utf8');
  const loadError = async (from: string, to: string) => {
    t.true(text.includes(from), from);
    await writeFile(table, text.replace(from, to));
    return outcome(() => loadSonata(join(folder, 'config.json')));
  };
  t.regex(
    await loadError('nest:stdp_synapse', 'tsodyks_synapse'),
    /^unsupported: .*dynamics_params\/(lambda|alpha) of each edge: edge \d+ of edge_type_id 12 is a tsodyks_synapse, which has weight, delay, U, /,
  );
  t.regex(
    await loadError('nest:stdp_synapse', 'static_synapse'),
    /^unsupported: .*edge_type_id 12 is a static_synapse, which has only weight and delay/,
  );
  await writeFile(table, text);
  const file = join(folder, 'depressing.json');
  await writeFile(file, '{ "tau_psc": -2 }');
  t.regex(
    await outcome(() => loadSonata(join(folder, 'config.json'))),
    /^malformed-file: .*edges\/net_net: edge \d+ of edge_type_id 11: tsodyks_synapse: .*tauPsc/,
  );
  await writeFile(file, '{ "U": 0.4 }');
  await writeFile(
    table,
    text.replace('dynamics_params', 'dynamics_params tau_fac').replaceAll('json', 'json 3'),
  );
  const { warnings } = await loadSonata(join(folder, 'config.json'));
  t.regex(warnings.join(), /the attribute tau_fac of edges is not a parameter of tsodyks2?_synapse/);
});

test('synapse models of the library, and the caller’s, have the parameters of edges and files', async (t) => {
  const folder = join(await scratch(t), 'single');
  await cp(`${fixtures}/single`, folder, { recursive: true });
  const table = join(folder, 'edge_types.csv');
  const text = await readFile(table, 'utf8');
  const expected = JSON.parse(await readFile(`${fixtures}/single/nest.json`, 'utf8'));
  const load = async (model: string, file: object, options: SonataOptions = {}) => {
    await writeFile(table, text.replace('nest:stdp_synapse', model));
    await writeFile(join(folder, 'learning.json'), JSON.stringify(file));
    return loadSonata(join(folder, 'config.json'), options);
  };
  // NEST's rule under our names; and as a function.
  const parameters = { lambda: 0.02, wMax: 900, delay: 1.5, like: 'nest' };
  const seen: string[] = [];
  const synapses = {
    mine: (params: Readonly<Record<string, number | string>>) => {
      seen.push(...Object.keys(params));
      return synapse.stdp(params);
    },
  };
  for (const read of [
    await load('lapicque:stdp', parameters),
    await load('mine', parameters, { synapses }),
  ]) {
    const { times, ids } = await simulate(read.circuit, { duration: 400, dt: read.dt, precision: 'f64' });
    t.deepEqual([...ids], expected.ids);
    t.deepEqual(
      Array.from(times, (time) => Math.round(10 * time) / 10),
      expected.times,
    );
  }
  t.deepEqual([...new Set(seen)].sort(), ['alpha', 'lambda', 'like', 'wMax']);
  t.regex(
    await outcome(() => load('lapicque:stdp', { ...parameters, Wmax: 3 })),
    /^malformed-file: .*edge_type_id 12: lapicque:stdp: .*"Wmax"/,
  );
  t.regex(
    await outcome(() => load('lapicque:stdp', { ...parameters, wMax: 1 })),
    /^malformed-file: .*edge_type_id 12: lapicque:stdp: /,
  );
  t.regex(
    await outcome(() => load('lapicque:rewardStdp', parameters)),
    /^unsupported: .*the synapse lapicque:rewardStdp of edge_type_id 12/,
  );
});

/** A network of two neurons with these edges of the type 1, a `tsodyks_synapse`, and datasets of theirs. */
async function edgesOf(t: ExecutionContext, count: number, datasets: Hdf5Tree): Promise<string> {
  const folder = await scratch(t);
  const ids = (of: (i: number) => number) =>
    hdf5Dataset(
      Uint32Array.from({ length: count }, (_, i) => of(i)),
      { attributes: { node_population: 'n' } },
    );
  await writeHdf5(join(folder, 'nodes.h5'), { nodes: { n: { node_type_id: Uint32Array.of(0, 0) } } });
  await writeHdf5(join(folder, 'edges.h5'), {
    edges: {
      n: {
        ...{ source_node_id: ids(() => 0), target_node_id: ids(() => 1) },
        ...{ edge_type_id: Uint32Array.from({ length: count }, () => 1), '0': datasets },
      },
    },
  });
  await writeFile(
    join(folder, 'nodes.csv'),
    'node_type_id model_type model_template\n0 point_neuron nest:iaf_psc_exp\n',
  );
  await writeFile(join(folder, 'edges.csv'), 'edge_type_id model_template\n1 tsodyks_synapse\n');
  const networks = {
    nodes: [{ nodes_file: 'nodes.h5', node_types_file: 'nodes.csv' }],
    edges: [{ edges_file: 'edges.h5', edge_types_file: 'edges.csv' }],
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ networks }));
  return join(folder, 'config.json');
}

test('edges become one connection for each combination of parameters, at most 256', async (t) => {
  const each = (count: number, of: (i: number) => number) =>
    Float64Array.from({ length: count }, (_, i) => of(i));
  const some = await loadSonata(
    await edgesOf(t, 600, {
      dynamics_params: { tau_rec: each(600, (i) => 100 + (i % 200)), U: each(600, () => 0.3) },
    }),
  );
  t.is(some.circuit.description.connections!.length, 200);
  using simulation = await some.circuit.compile({ dt: 0.1 });
  t.is(simulation.synapses, 600);
  const many = await edgesOf(t, 300, { dynamics_params: { tau_rec: each(300, (i) => 100 + i) } });
  t.regex(
    await outcome(() => loadSonata(many)),
    /^unsupported: .*more than 256 combinations of parameters \(edge 256 of edge_type_id 1: tau_rec=356\)/,
  );
  for (const [datasets, reason] of [
    [
      { dynamics_params: { U: each(3, (i) => (i === 1 ? Number.POSITIVE_INFINITY : 0.5)) } },
      /edge 1 has the dynamics_params\/U Infinity/,
    ],
    [
      { syn_weight: each(3, (i) => (i === 2 ? Number.NEGATIVE_INFINITY : 1)) },
      /edge 2 has a weight of -Infinity/,
    ],
    [{ delay: each(3, () => Number.POSITIVE_INFINITY) }, /edge 0 has a delay that is not finite/],
    [
      { syn_weight: each(3, () => 1), dynamics_params: { weight: each(3, (i) => (i === 2 ? 5 : 1)) } },
      /edge 2 has a syn_weight of 1 and a dynamics_params\/weight of 5; expected one of them/,
    ],
    [
      { dynamics_params: { U: each(3, () => 1.5) } },
      /edge 0 of edge_type_id 1: tsodyks_synapse: utilization/,
    ],
    [{ dynamics_params: { U: each(2, () => 0.5) } }, /0\/dynamics_params\/U has no value for element 2/],
  ] as [Hdf5Tree, RegExp][]) {
    const path = await edgesOf(t, 3, datasets);
    t.regex(await outcome(() => loadSonata(path)), new RegExp(`^malformed-file: .*${reason.source}`));
  }
});
