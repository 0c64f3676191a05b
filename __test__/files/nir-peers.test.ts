// Files that writeNir writes, read by nir, Norse and SpikingJelly if LAPICQUE_PYTHON (default python3) has these packages.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { elementCount } from '../../src-ts/checks/tensor.ts';
import {
  type NirGraphData,
  type NirNodeData,
  nirTensor,
  readNir,
  readNirData,
  writeNir,
  writeNirData,
} from '../../src-ts/doors/files.ts';
import { cubaLif, integrateAndFire, lif } from '../../src-ts/doors/neurons.ts';
import { conv2d, dense, flatten, input, type Network, sequential, sumPool2d } from '../../src-ts/index.ts';
import { uniform } from '../support/numbers.ts';

const python = process.env.LAPICQUE_PYTHON ?? 'python3';
const modules = ['nir', 'norse', 'spikingjelly'] as const;
const found = new Map<string, boolean>();
for (const name of modules) {
  const program = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${name}") is None)`;
  found.set(name, spawnSync(python, ['-c', program]).status === 0);
}
/** Skips a test if Python lacks the package; the title says so. */
const withPeer = (name: string) => (found.get('nir') === true && found.get(name) === true ? test : test.skip);
const note = (name: string) => (found.get(name) === true ? '' : `(skipped: ${python} has no ${name})`);

const folder = mkdtemp(join(tmpdir(), 'lapicque-nir-peers-'));
const path = async (name: string) => join(await folder, name);
test.after.always(async () => rm(await folder, { recursive: true }));

function run(script: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(python, ['-c', script, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trimEnd().split('\n').at(-1)!;
}

const steps = 60;
const nir = { like: 'nir', vThreshold: 0.4 } as const;
const fires = { reset: 'value', resetTiming: 'same-step', vThreshold: 0.5 } as const;

interface Made {
  readonly network: Network;
  readonly shape: readonly number[];
  /** The packages whose importer supports the network; the others ignore or refuse some fields. */
  readonly peers: readonly string[];
}

/** Networks that NIR expresses completely. */
const networks: Readonly<Record<string, Made>> = {
  // Norse ignores r and v_reset of a LIF.
  'LIF and CubaLIF, feed-forward': {
    network: sequential(
      dense(9, 12),
      lif({ ...nir, tauMem: 0.3 }),
      dense(12, 6),
      cubaLif({ ...nir, tauMem: 0.8, tauSyn: 0.4, wIn: 2, r: 3 }),
    ),
    shape: [9],
    peers: ['norse'],
  },
  'LIF with its own reset': {
    network: sequential(dense(9, 12), lif({ ...nir, tauMem: 0.3, vReset: -0.1, vLeak: -0.1 })),
    shape: [9],
    peers: ['spikingjelly'],
  },
  // SpikingJelly requires r = tau_mem / dt and w_in = tau_syn / dt, so that the input is not scaled.
  'CubaLIF, recurrent': {
    network: sequential(
      dense(9, 12),
      cubaLif({ ...fires, alpha: 0.6, beta: 0.8, recurrent: { kind: 'dense', bias: false } }),
      dense(12, 5),
      cubaLif({ ...fires, alpha: 0.5, beta: 0.7 }),
    ),
    shape: [9],
    peers: ['norse', 'spikingjelly'],
  },
  // NIR expresses a decay factor and an unscaled input by a time constant and a resistance.
  'LIF with beta': {
    network: sequential(
      dense(9, 12),
      lif({ ...fires, beta: 0.85 }),
      dense(12, 6),
      lif({ reset: 'value', beta: 0.7, vThreshold: 0.4 }),
    ),
    shape: [9],
    peers: ['spikingjelly'],
  },
  // Norse does not scale the input of an IF.
  'convolution, pool, IF': {
    network: sequential(
      input(1, 8, 8),
      conv2d(1, 3, 3, { padding: 1 }),
      lif({ ...nir, tauMem: 0.2 }),
      sumPool2d(2),
      flatten(),
      dense(48, 5),
      integrateAndFire({ ...fires, vThreshold: 0.6 }),
    ),
    shape: [1, 8, 8],
    peers: ['norse', 'spikingjelly'],
  },
};

async function written(name: string, { network, shape }: Made) {
  const model = await network.compile({ dt: 0.1, seed: 3 });
  const file = await path(`${name.replaceAll(/\W+/g, '-')}.nir`);
  await writeNir(file, model);
  const size = elementCount(shape);
  const x = uniform(steps * size, 11, -0.5, 2);
  const { spikes } = await model.run({ x, shape: [steps, 1, size] });
  return { file, x: [...x], shape: [steps, 1, ...shape], spikes: Array.from(spikes!) };
}

/** Runs all cases in one process, because loading these libraries takes seconds. */
const feeding = `
import sys, json, warnings
warnings.simplefilter('ignore')
import torch, nir
given = []
for case in json.load(open(sys.argv[1])):
    graph = nir.read(case['file'])
    IMPORT
    x = torch.tensor(case['x'], dtype=torch.float32).reshape(case['shape'])
    state, out = None, []
    with torch.no_grad():
        for at in x:
            result = model(at, state)
            y, state = result if isinstance(result, tuple) else (result, state)
            out.append(y.reshape(-1).tolist())
    given.append([int(v) for row in out for v in row])
print(json.dumps(given))
`;

const importers: Readonly<Record<string, string>> = {
  norse: 'import norse; model = norse.torch.from_nir(graph, dt=1e-4)',
  spikingjelly:
    'from spikingjelly.activation_based.nir_exchange import import_from_nir; model = import_from_nir(graph, dt=1e-4)',
};

for (const [peer, importer] of Object.entries(importers)) {
  withPeer(peer)(`${peer} computes the spikes of the written model ${note(peer)}`, async (t) => {
    t.timeout(600_000);
    const own = Object.entries(networks).filter(([, { peers }]) => peers.includes(peer));
    const cases = [];
    for (const [name, made] of own) cases.push(await written(`${peer} ${name}`, made));
    const file = await path(`${peer}.json`);
    await writeFile(file, JSON.stringify(cases));
    const theirs: number[][] = JSON.parse(run(feeding.replace('IMPORT', importer), file));
    for (const [i, { spikes }] of cases.entries()) {
      const [name] = own[i]!;
      const count = spikes.filter((spike) => spike === 1).length;
      t.true(count > 10 && count < spikes.length / 2, `${name}: ${count}`);
      t.is(theirs[i]!.length, spikes.length, name);
      t.is(theirs[i]!.filter((spike, k) => spike !== spikes[k]).length, 0, name);
    }
  });
}

withPeer('nir')(
  `nir reads written files, and readNir reads the copies that nir writes ${note('nir')}`,
  async (t) => {
    for (const [name, made] of Object.entries(networks)) {
      const { file, spikes } = await written(`nir ${name}`, made);
      const copy = `${file}.copy.nir`;
      const reading = 'import sys, json, nir\ngraph = nir.read(sys.argv[1])\n';
      const types = run(
        `${reading}nir.write(sys.argv[2], graph)\nprint(json.dumps(sorted(type(n).__name__ for n in graph.nodes.values())))`,
        file,
        copy,
      );
      t.true(JSON.parse(types).includes('Input'), name);
      const { model, report } = await readNir(copy);
      t.is(report.framework, 'lapicque', name);
      t.deepEqual(report.warnings, [], name);
      const size = elementCount(made.shape);
      const again = await model.run({ x: uniform(steps * size, 11, -0.5, 2), shape: [steps, 1, size] });
      t.deepEqual(Array.from(again.spikes!), spikes, name);
    }
  },
);

withPeer('nir')(`readNir reads lzf, uncompressed and gzip files of nir ${note('nir')}`, async (t) => {
  for (const compression of ['"lzf"', 'None', '9']) {
    const file = await path(`packed-${compression.replaceAll('"', '')}.nir`);
    const script = `
import sys, numpy as np, nir
w = np.arange(12, dtype=np.float32).reshape(3, 4)
lif = nir.LIF(tau=np.full(3, 0.01), r=np.ones(3), v_leak=np.zeros(3), v_threshold=np.ones(3))
nir.write(sys.argv[1], nir.NIRGraph.from_list(nir.Affine(w, np.ones(3, dtype=np.float32)), lif), compression=${compression})`;
    run(`${script}\nprint(1)`, file);
    const { graph } = await readNir(file);
    const affine = [...graph.nodes.values()].find(({ type }) => type === 'Affine')!;
    t.deepEqual(
      'fields' in affine && affine.fields.get('weight'),
      nirTensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [3, 4], 'float32'),
    );
  }
});

withPeer('nir')(
  `nir reads written NIRData, and readNirData reads the copy that nir writes ${note('nir')}`,
  async (t) => {
    const [file, copy] = [await path('data.h5'), await path('copy.h5')];
    const spikes = {
      kind: 'gridded',
      data: Uint8Array.of(1, 0, 0, 1, 1, 0),
      shape: [1, 3, 2],
      dt: 1e-3,
    } as const;
    const v = { kind: 'gridded', data: Float32Array.of(0.5, 1.5), shape: [1, 1, 2], dt: 0.5 } as const;
    const events = {
      kind: 'events',
      idx: Float64Array.of(1, 0, -1),
      time: Float64Array.of(0.1, 0.2, Number.POSITIVE_INFINITY),
      value: Float64Array.of(2, 3, 0),
      shape: [1, 3],
      neurons: 2,
      tMax: 1,
    } as const;
    const { value: _, ...plain } = events;
    const node = (observables: Record<string, typeof spikes | typeof v | typeof events | typeof plain>) => ({
      kind: 'node' as const,
      observables: new Map(Object.entries(observables)),
    });
    const inner = { kind: 'graph' as const, nodes: new Map([['deep', node({ plain })]]) };
    const nodes: [string, NirNodeData | NirGraphData][] = [['lif', node({ spikes, v, events })]];
    const data = {
      kind: 'graph' as const,
      nodes: new Map([...nodes, ['sub', inner] as (typeof nodes)[number]]),
    };
    await writeNirData(file, data);
    const script = `
import sys, json, nir
data = nir.read_data(sys.argv[1])
# nir 1.0.8 does not terminate when it writes a subgraph, so only a node is written.
nir.write_data(sys.argv[2], nir.NIRGraphData(nodes={'lif': data.nodes['lif']}))
lif = data.nodes['lif'].observables
print(json.dumps([lif['spikes'].data.tolist(), lif['v'].dt, lif['events'].value.tolist(), data.nodes['sub'].nodes['deep'].observables['plain'].t_max]))`;
    const expected = [
      [
        [
          [true, false],
          [false, true],
          [true, false],
        ],
      ],
      0.5,
      [[2, 3, 0]],
      1,
    ];
    t.deepEqual(JSON.parse(run(script, file, copy)), expected);
    for (const source of [file, copy]) {
      const read = await readNirData(source);
      const lif = read.nodes.get('lif')!;
      t.true(lif.kind === 'node');
      if (lif.kind === 'node')
        t.deepEqual(Object.fromEntries(lif.observables), { spikes, v, events } as never);
    }
    t.deepEqual((await readNirData(file)).nodes.get('sub'), inner);
  },
);
