// Networks in SONATA: spikes as BMTK and NEST have them, and what goes wrong in its files.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import {
  type CircuitDescription,
  circuit,
  circuitOf,
  loadCircuit,
  loadSonata,
  population,
  type Recording,
  record,
  type SonataCircuit,
  type SonataModel,
  simulate,
} from '../../src-ts/doors/circuit.ts';
import { izhikevich } from '../../src-ts/doors/neurons.ts';
import { LapicqueError } from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';

const fixtures = '__test__/circuit/fixtures/sonata';

/** Spikes of the neurons of a population of nodes as `[time, node]`, in the order of NEST's. */
function spikesOf({ nodes }: SonataCircuit, recording: Recording, name: string): [number, number][] {
  const ids = new Map<number, number>();
  for (const part of nodes[name]!.populations) {
    const range = recording.populations[part.name];
    part.nodes.forEach((node, i) => {
      if (range !== undefined) ids.set(range.first + i, nodes[name]!.ids[node]!);
    });
  }
  return Array.from(recording.times, (time, i): [number, number] => [
    Math.round(10 * time) / 10,
    ids.get(recording.ids[i]!)!,
  ]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

async function expected(): Promise<[number, number][]> {
  const { times, ids } = JSON.parse(await readFile(`${fixtures}/spikes.json`, 'utf8'));
  return times.map((time: number, i: number) => [time, ids[i]]);
}

/** A copy of the network in which texts of files are others: `[from, to]`. */
async function changed(
  t: ExecutionContext,
  files: Readonly<Record<string, readonly [from: string, to: string]>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sonata-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await cp(fixtures, folder, { recursive: true });
  for (const [file, [from, to]] of Object.entries(files)) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    t.true(text.includes(from), `${file} has no ${from}`);
    await writeFile(path, text.replaceAll(from, to));
  }
  return folder;
}

test('a network has the spikes that BMTK and NEST give it', async (t) => {
  const read = await loadSonata(`${fixtures}/simulation_config.json`);
  t.is(read.dt, 0.1);
  t.is(read.duration, 300);
  const recording = await simulate(read.circuit, { duration: 300, dt: read.dt, precision: 'f64' });
  t.deepEqual(spikesOf(read, recording, 'cortex'), await expected());
  const { cortex, thalamus } = read.nodes;
  t.deepEqual(
    cortex!.populations.map(({ name }) => name),
    ['cortex:iaf_psc_alpha', 'cortex:iaf_psc_exp'],
  );
  t.deepEqual(cortex!.attribute('ei')!.filter((ei) => ei === 'i').length, 6);
  t.deepEqual(new Set(cortex!.attribute('layer')), new Set([4, 5]));
  t.is(thalamus!.size, 14);
  t.true(cortex!.attributes.includes('x') && !cortex!.attributes.includes('nothing'));
});

test('spikes may come from files of several forms, and the network goes through a file of ours', async (t) => {
  const folder = await changed(t, {
    'node_sets.json': ['"lgn": {', '"inhibitory": { "population": "cortex", "ei": "i" }, "lgn": {'],
  });
  const config = join(folder, 'simulation_config.json');
  const { inputs, ...rest } = JSON.parse(await readFile(config, 'utf8'));
  const spikes = { ...inputs.lgn, input_file: '$BASE/inputs/lgn.h5', node_set: 'lgn' };
  const csv = { ...spikes, module: 'csv', input_file: '$BASE/inputs/background.csv', node_set: 'background' };
  const off = { enabled: false };
  await writeFile(config, JSON.stringify({ ...rest, inputs: { spikes, csv, off, step: inputs.step } }));
  const read = await loadSonata(config);
  const file = join(folder, 'network.safetensors');
  await read.circuit.save(file);
  const recording = await simulate(await loadCircuit(file), { duration: 300, precision: 'f64' });
  t.deepEqual(spikesOf(read, recording, 'cortex'), await expected());

  // Before spikes had populations; and a set of sets.
  const old = await changed(t, {
    'simulation_config.json': ['inputs/all.h5', 'inputs/old.h5'],
    'node_sets.json': ['"lgn": {', '"both": ["lgn", "background"], "lgn": {'],
  });
  const both = await loadSonata(join(old, 'simulation_config.json'));
  const again = await simulate(both.circuit, { duration: 300, dt: both.dt, precision: 'f64' });
  t.deepEqual(spikesOf(both, again, 'cortex'), await expected());
});

test('a node that has two spikes in a step sends both, as in NEST', async (t) => {
  const twice = join(await changed(t), 'simulation_config.json');
  const { inputs, ...rest } = JSON.parse(await readFile(twice, 'utf8'));
  await writeFile(
    twice,
    JSON.stringify({ ...rest, inputs: { ...inputs, more: inputs.lgn, third: inputs.lgn } }),
  );
  const edges = 'network/thalamus_cortex_edge_types.csv';
  const folder = await changed(t);
  const table = (await readFile(join(folder, edges), 'utf8')).split('\n').map((line) => line.split(' '));
  const column = table[0]!.indexOf('syn_weight');
  t.true(column >= 0);
  const thrice = table.map((row, i) =>
    i === 0 || row[column] === undefined ? row : row.with(column, String(3 * Number(row[column]))),
  );
  await writeFile(join(folder, edges), thrice.map((row) => row.join(' ')).join('\n'));
  const runs = [twice, join(folder, 'simulation_config.json')].map(async (path) => {
    const read = await loadSonata(path);
    return spikesOf(
      read,
      await simulate(read.circuit, { duration: 300, dt: 0.1, precision: 'f64' }),
      'cortex',
    );
  });
  const [repeated, stronger] = await Promise.all(runs);
  t.deepEqual(repeated, stronger);
  t.true(repeated!.length > (await expected()).length);
});

/** The network with the changes of plastic.py. */
async function plastic(t: ExecutionContext): Promise<string> {
  const folder = await changed(t);
  const { synapses, cells, types } = JSON.parse(await readFile(join(folder, 'plastic_changes.json'), 'utf8'));
  for (const [name, params] of Object.entries(synapses))
    await writeFile(join(folder, 'components/synapses', name), JSON.stringify(params));
  for (const [name, params] of Object.entries(cells)) {
    const path = join(folder, 'components/cells', name);
    await writeFile(
      path,
      JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...(params as object) }),
    );
  }
  const path = join(folder, 'network/cortex_cortex_edge_types.csv');
  const lines = (await readFile(path, 'utf8')).split('\n').map((line) => {
    const row = line.split(' ');
    const [model, file] = types[row[0]!] ?? [];
    return model === undefined
      ? line
      : line.replace(/\S+\.json/, file as string).replace('static_synapse', model);
  });
  await writeFile(path, lines.join('\n'));
  return folder;
}

test('synapses that change have the spikes that BMTK and NEST give them', async (t) => {
  const read = await loadSonata(join(await plastic(t), 'simulation_config.json'));
  const recording = await simulate(read.circuit, { duration: 300, dt: read.dt, precision: 'f64' });
  const { times, ids } = JSON.parse(await readFile(`${fixtures}/plastic.json`, 'utf8'));
  t.deepEqual(
    spikesOf(read, recording, 'cortex'),
    times.map((time: number, i: number) => [time, ids[i]]),
  );
  t.notDeepEqual(spikesOf(read, recording, 'cortex'), await expected());
});

test('synapses that change and cannot be as they are said are refused', async (t) => {
  const loadError = async (file: string, from: string, to: string) => {
    const folder = await plastic(t);
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    t.true(text.includes(from), from);
    await writeFile(path, text.replace(from, to));
    return outcome(() => loadSonata(join(folder, 'simulation_config.json')));
  };
  const learning = 'components/synapses/learning.json';
  t.regex(
    await loadError(learning, 'lambda', 'lambada'),
    /^unsupported: .*the parameter lambada of learning.json/,
  );
  t.regex(
    await loadError('components/cells/exc.json', '"tau_minus":25', '"tau_minus":24'),
    /^unsupported: .*vogels_sprekeler_synapse onto neurons whose tau_minus is not its tau/,
  );
  t.regex(
    await loadError(learning, '0.2', '"much"'),
    /^malformed-file: .*lambda should be a number, not much/,
  );
  t.regex(
    await loadError(
      'network/cortex_node_types.csv',
      '102 deep.json point_neuron nest:iaf_psc_exp',
      '102 NULL point_neuron nest:izhikevich',
    ),
    /^unsupported: .*the synapse stdp_triplet_synapse onto neurons whose weights have another unit/,
  );
});

test('nodes of any numbers, strings by number, parameters and synapses of their own', async (t) => {
  const { circuit: read, nodes, dt, duration } = await loadSonata(`${fixtures}/other/config.json`);
  t.is(dt, 0.1);
  t.is(duration, undefined);
  const { mixed } = nodes;
  t.deepEqual([...mixed!.ids], [7, 3, 9, 4]);
  t.deepEqual(mixed!.attribute('model_type'), ['point_neuron', 'point_neuron', 'virtual', 'point_neuron']);
  t.deepEqual(mixed!.attribute('label'), ['two words', 'two words', undefined, 'two words']);
  t.deepEqual(
    mixed!.populations.map(({ name, nodes }) => [name, [...nodes]]),
    [
      ['mixed:iaf_psc_delta', [0, 1, 3]],
      ['mixed:virtual', [2]],
    ],
  );
  using simulation = await read.compile({ dt, precision: 'f64' });
  // A constant current moves where v goes by I tau / C: 10 ms / 250 pF by default.
  const rests = await simulation.get('mixed:iaf_psc_delta', 'vLeak');
  [100, 200, 300].forEach((current, i) => {
    t.true(Math.abs(rests[i]! - (-70 + (current * 10) / 250)) < 1e-12);
  });
  t.deepEqual([...(await simulation.get('mixed:iaf_psc_delta', 'vThreshold'))], [-55, -51.5, -55]);
  const virtual = await simulation.connections('mixed:virtual', 'mixed:iaf_psc_delta');
  t.deepEqual([...virtual.targets, ...virtual.weights, ...virtual.delays], [0, 0.5, 3]);
  const { sources, targets, weights, delays } = await simulation.connections(
    'mixed:iaf_psc_delta',
    'mixed:iaf_psc_delta',
  );
  const synapses = Array.from(sources, (source, i) => [
    source,
    targets[i],
    weights[i],
    Math.round(10 * delays[i]!) / 10,
  ]);
  // Two synapses of 0.5; NEST's own weight and delay, three of them; and those of the edge, rounded to steps.
  t.deepEqual(
    synapses.sort(([a], [b]) => a! - b!),
    [
      [0, 1, 1, 3],
      [1, 2, 3, 1],
      [2, 0, 0.25, 4],
    ],
  );
});

test('a current moves each neuron by its own parameters', async (t) => {
  const folder = await changed(t, {
    'network/cortex_node_types.csv': ['iaf_psc_alpha', 'iaf_psc_delta'],
    'components/cells/exc.json': ['230.0', '100.0'],
    'components/cells/inh.json': [', "tau_syn_ex": 1.0', ''],
    'simulation_config.json': ['"inhibitory"', '{ "population": "cortex" }'],
  });
  const config = join(folder, 'simulation_config.json');
  const { inputs, ...rest } = JSON.parse(await readFile(config, 'utf8'));
  await writeFile(
    config,
    JSON.stringify({ ...rest, inputs: { step: { ...inputs.step, amp: 50, delay: 20 } } }),
  );
  const { circuit: read, dt, nodes } = await loadSonata(config);
  const part = nodes.cortex!.populations.find(({ name }) => name.endsWith('delta'))!;
  const cells = read.population(part.name);
  const alone = circuit(cells, record.traces(cells, ['v'], 1));
  // Without the synapses: the inputs of the whole, and no connection.
  const { connections: _, sources: __, ...without } = read.description;
  const { traces } = await simulate(
    circuitOf({ ...without, record: alone.description.record! } as CircuitDescription),
    { duration: 50, dt, precision: 'f64' },
  );
  const { values } = traces[`${part.name}.v`]!;
  const types = { e: [20, 200, -68, 100], i: [10, 150, -65, 0] } as const;
  part.nodes.forEach((node, i) => {
    const [tau, c, rest, bias] = types[nodes.cortex!.attribute('ei')![node] as 'e' | 'i'];
    for (let time = 1; time <= 50; time++) {
      const end = rest + (bias * tau) / c;
      // NEST's generators act a step after the time that they are given.
      const since = Math.max(0, time - 20 - dt);
      const v = end + (-70 - end) * Math.exp(-time / tau) + ((50 * tau) / c) * (1 - Math.exp(-since / tau));
      t.true(Math.abs(values[(time - 1) * part.nodes.length + i]! - v) < 1e-9, `node ${node}, ${time} ms`);
    }
  });
});

test('models that NEST has not are those of the user', async (t) => {
  const other = { 'other/node_types.csv': ['nest:iaf_psc_delta', 'mine:cell'] } as const;
  const path = join(await changed(t, other), 'other/config.json');
  t.regex(await outcome(() => loadSonata(path)), /^unsupported: .*neuron mine:cell/);
  const made: unknown[] = [];
  const cell: SonataModel = (n, params, options) => {
    made.push(n, params.I_e);
    return population(izhikevich, n, options);
  };
  const partly = await outcome(() => loadSonata(path, { models: { 'mine:cell': cell } }));
  t.regex(partly, /^malformed-file: .*node 7 has no parameter V_th/);
  const cortex = { 'network/cortex_node_types.csv': ['nest:iaf_psc_exp', 'mine:cell'] } as const;
  const whole = join(await changed(t, cortex), 'simulation_config.json');
  const { circuit: network } = await loadSonata(whole, { models: { 'mine:cell': cell } });
  t.deepEqual(made, [8, 170]);
  t.is(network.population('cortex:mine:cell').neuron.model, 'izhikevich');
});

test('what is wrong in a network is told by file and name', async (t) => {
  const config = 'simulation_config.json';
  const network = 'circuit_config.json';
  const nodes = 'network/cortex_node_types.csv';
  const edges = 'network/cortex_cortex_edge_types.csv';
  const cases: [file: string, from: string, to: string, told: RegExp][] = [
    [config, '"network"', '"net"', /^malformed-file: .*simulation_config.json: it names no "networks"/],
    [config, '$BASE/circuit', '$NOWHERE/circuit', /^malformed-file: .*the manifest has no \$NOWHERE/],
    [config, '"$BASE": "$', '"$BASE": "$BASE/$', /^malformed-file: .*never ends/],
    [config, 'circuit_config', 'gone', /^io: .*gone.json/],
    [config, '"dt": 0.1', '"dt": "0.1"', /^invalid-parameter: dt/],
    [config, '"inhibitory"', '"nobody"', /^malformed-file: .*there is no node set nobody/],
    [config, '"thalamus"', '"retina"', /^malformed-file: .*no population retina/],
    [config, 'current_clamp', 'voltage_clamp', /^unsupported: .*inputs.step of the type voltage_clamp/],
    [config, '260.0', '"much"', /^unsupported: .*inputs.step without one number/],
    [config, '"h5"', '"nwb"', /^unsupported: .*module nwb/],
    ['node_sets.json', '"lgn": {', '"lgn": [{', /^malformed-file: .*node_sets.json/],
    ['node_sets.json', '"cortex"', '"retina"', /^malformed-file: .*no population retina/],
    [network, 'thalamus_node', 'cortex_node', /^malformed-file: .*another file has a population/],
    [network, 'thalamus_nodes.h5', 'thalamus_node_types.csv', /^malformed-file: malformed HDF5 file/],
    [network, '"nodes_file"', '"file"', /^malformed-file: .*networks.nodes\[0\] has no nodes_file/],
    ['components/cells/exc.json', 'tau_m', 'tau_mem', /^unknown-name: .*"tau_mem"; did you mean "tau_m"/],
    [
      'components/cells/exc.json',
      '20.0',
      '"slow"',
      /^malformed-file: .*nodes\/cortex: tau_m should be a number, not "slow"/,
    ],
    ['components/synapses/plain.json', '{', '{ "tau_rec": 3 ', /^unsupported: .*tau_rec of plain.json/],
    [nodes, 'iaf_psc_exp', 'glif_psc', /^unsupported: .*neuron nest:glif_psc: give options.models/],
    [nodes, 'point_neuron', 'biophysical', /^malformed-file: .*the biophysical node 0 has no morphology/],
    [nodes, 'point_neuron', 'single_compartment', /^unsupported: .*model_type single_compartment/],
    [nodes, '102 ', '99 ', /^malformed-file: .*no node_type_id 102/],
    [nodes, 'node_type_id', 'type', /^malformed-file: .*no column node_type_id/],
    [edges, 'static_synapse', 'ht_synapse', /^unsupported: .*synapse ht_synapse of edge_type_id 100/],
    [edges, '45.0', 'heavy', /^malformed-file: .*syn_weight should be a number, not heavy/],
    [edges, ' 1.2', ' 0.01', /^malformed-file: .*a delay of 0.01 ms, less than a step/],
  ];
  for (const [file, from, to, pattern] of cases) {
    const folder = await changed(t, { [file]: [from, to] });
    t.regex(await outcome(() => loadSonata(join(folder, config))), pattern, `${file}: ${from}`);
  }
});

test('what cannot be one thing an element is refused', async (t) => {
  const cases: [file: string, from: string, told: RegExp][] = [
    ['same_ids.h5', 'nodes.h5', /^malformed-file: .*nodes\/mixed: two nodes have the same node_id/],
    ['other_target.h5', 'edges.h5', /^malformed-file: .*the target population mixed has no node 2/],
    ['own_models.h5', 'edges.h5', /^unsupported: .*the synapse 0 of edge_type_id 1 /],
    ['own_taus.h5', 'edges.h5', /^unsupported: .*dynamics_params\/tau of each edge/],
    ['two_axes.h5', 'edges.h5', /^malformed-file: .*1\/syn_weight has 2 axes/],
  ];
  for (const [file, from, pattern] of cases) {
    const folder = await changed(t, { 'other/config.json': [`"${from}"`, `"${file}"`] });
    t.regex(await outcome(() => loadSonata(join(folder, 'other/config.json'))), pattern);
  }
});

test('damaged HDF5 files are errors of the library', async (t) => {
  const folder = await changed(t);
  const path = join(folder, 'network/cortex_cortex_edges.h5');
  const whole = await readFile(path);
  const random = xoroshiro128plus(1);
  const below = (n: number) => (random.next() >>> 0) % n;
  for (let i = 0; i < 20; i++) {
    const bytes = Buffer.from(i % 4 === 0 ? whole.subarray(0, below(whole.length)) : whole);
    if (i % 4 !== 0)
      for (let k = 0; k < 1 + (i % 7); k++) bytes[below(i % 3 === 0 ? 4000 : bytes.length)] = below(256);
    await writeFile(path, bytes);
    const error = await loadSonata(join(folder, 'circuit_config.json')).catch((error) => error);
    if (error instanceof Error)
      t.true(error instanceof LapicqueError && error.code !== 'internal', `${i}: ${error.stack}`);
  }
});

test('reading can be canceled, and other arguments are refused', async (t) => {
  const path = `${fixtures}/simulation_config.json`;
  t.regex(await outcome(() => loadSonata(path, { signal: AbortSignal.abort() })), /^aborted/);
  t.regex(await outcome(() => loadSonata(path, { signal: AbortSignal.timeout(5) })), /^aborted/);
  t.regex(await outcome(() => loadSonata('nowhere.json')), /^io: /);
  t.regex(await outcome(() => loadSonata(path, { dt: -1 })), /^invalid-parameter: dt/);
  t.regex(await outcome(() => loadSonata(path, { step: 1 } as never)), /^unknown-name: .*"step"/);
  t.regex(await outcome(() => loadSonata(1 as never)), /^invalid-parameter: path/);
});
