// Files of ours in h5py, where Python has it: LAPICQUE_PYTHON, or python3.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { writeDsec, writeProphesee } from '../../src-ts/doors/events.ts';
import { createHdf5, hdf5Dataset, hdf5Group, writeHdf5 } from '../../src-ts/doors/files.ts';

const python = process.env.LAPICQUE_PYTHON ?? 'python3';
const has = (module: string) => spawnSync(python, ['-c', `import ${module}`]).status === 0;
const hasH5py = has('h5py');
/** A test that says so where it cannot run. */
const withH5py = hasH5py ? test : test.skip;
const withNir = hasH5py && has('nir') ? test : test.skip;
const note = (missing: string) => `(skipped: ${python} has no ${missing})`;

const folder = mkdtemp(join(tmpdir(), 'lapicque-hdf5-peers-'));
const path = async (name: string) => join(await folder, name);
test.after.always(async () => rm(await folder, { recursive: true }));

/** What a script prints as JSON; it gets the path as `path`. */
function runPython(script: string, file: string): unknown {
  const { status, stdout, stderr } = spawnSync(
    python,
    ['-c', `import sys, json\npath = sys.argv[1]\n${script}`, file],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
}

withH5py(`h5py reads what is written ${hasH5py ? '' : note('h5py')}`, async (t) => {
  const file = await path('written.h5');
  const matrix = Float32Array.from({ length: 1000 * 33 }, (_, i) => Math.fround(Math.sin(i)));
  await writeHdf5(
    file,
    hdf5Group(
      {
        matrix: hdf5Dataset(matrix, {
          shape: [1000, 33],
          deflate: true,
          chunks: [70, 10],
          attributes: { unit: 'mV', range: [1, 2] },
        }),
        whole: hdf5Dataset(Int16Array.of(-1, 2, 3, 4), { shape: [2, 2] }),
        text: 'ünïcode',
        texts: ['a', '', 'über'],
        yes: true,
        rows: [Float64Array.of(1, 2), new Float64Array(0), Float64Array.of(3)],
        records: hdf5Dataset({ x: Uint16Array.of(1, 2), t: BigInt64Array.of(5n, -6n) }),
        fixed: hdf5Dataset(['ab', 'c'], { type: { string: 4 } }),
        halves: hdf5Dataset(Float32Array.of(1), { type: 'float32', shape: [] }),
        empty: {},
      },
      { version: '1.0', list: ['p', 'qq'] },
    ),
  );
  const script = `
import h5py, numpy as np
with h5py.File(path) as f:
    out = {
        "keys": sorted(f.keys()),
        "attrs": [f.attrs["version"], list(f.attrs["list"])],
        "matrix": [list(f["matrix"].shape), f["matrix"].dtype.str, f["matrix"].compression, f["matrix"].shuffle, f["matrix"].chunks],
        "sum": float(np.abs(f["matrix"][:].ravel() - np.float32(np.sin(np.arange(33000, dtype=np.float64)))).max()),
        "unit": [f["matrix"].attrs["unit"], list(f["matrix"].attrs["range"])],
        "whole": f["whole"][:].tolist(),
        "text": f["text"][()].decode(),
        "texts": [x.decode() for x in f["texts"][:]],
        "yes": [str(f["yes"].dtype), bool(f["yes"][()])],
        "rows": [x.tolist() for x in f["rows"][:]],
        "records": [f["records"].dtype.names, [list(map(int, r)) for r in f["records"][:]]],
        "fixed": [x.decode() for x in f["fixed"][:]],
        "scalar": float(f["halves"][()]),
    }
print(json.dumps(out))`;
  const out = runPython(script, file) as Record<string, unknown>;
  t.true((out.sum as number) < 1e-7);
  t.deepEqual(
    { ...out, sum: 0 },
    {
      keys: ['empty', 'fixed', 'halves', 'matrix', 'records', 'rows', 'text', 'texts', 'whole', 'yes'],
      attrs: ['1.0', ['p', 'qq']],
      matrix: [[1000, 33], '<f4', 'gzip', true, [70, 10]],
      sum: 0,
      unit: ['mV', [1, 2]],
      whole: [
        [-1, 2],
        [3, 4],
      ],
      text: 'ünïcode',
      texts: ['a', '', 'über'],
      yes: ['bool', true],
      rows: [[1, 2], [], [3]],
      records: [
        ['x', 't'],
        [
          [1, 5],
          [2, -6],
        ],
      ],
      fixed: ['ab', 'c'],
      scalar: 1,
    },
  );
});

withH5py(`h5py reads streams of many chunks ${hasH5py ? '' : note('h5py')}`, async (t) => {
  const file = await path('stream.h5');
  const writer = await createHdf5(file);
  const data = await writer.stream('data', { type: 'uint32', chunks: [10], deflate: true });
  for (let from = 0; from < 50_000; from += 5000)
    await data.append(Uint32Array.from({ length: 5000 }, (_, i) => from + i));
  await writer.close();
  const script = `
import h5py, numpy as np
with h5py.File(path) as f:
    d = f["data"]
    print(json.dumps([bool((d[:] == np.arange(50000)).all()), d[49990:].tolist()[0], d.id.get_num_chunks(), d.maxshape]))`;
  t.deepEqual(runPython(script, file), [true, 49_990, 5000, [null]]);
});

withH5py(
  `h5py reads recordings in the layouts of DSEC and Prophesee ${hasH5py ? '' : note('h5py')}`,
  async (t) => {
    const batch = {
      t: Float64Array.from({ length: 5000 }, (_, i) => 1000 + 7 * i),
      x: Uint16Array.from({ length: 5000 }, (_, i) => i % 640),
      y: Uint16Array.from({ length: 5000 }, (_, i) => i % 480),
      polarity: Uint8Array.from({ length: 5000 }, (_, i) => i % 2),
    };
    for (const writer of [
      await writeDsec(await path('dsec.h5')),
      await writeProphesee(await path('plain.hdf5'), { sensor: { width: 640, height: 480 }, ecf: false }),
    ]) {
      await writer.write(batch);
      await writer.close();
    }
    const dsec = `
import h5py
with h5py.File(path) as f:
    e = f["events"]
    print(json.dumps([int(e["t"][-1]), int(e["x"][-1]), int(e["y"][-1]), int(e["p"][-1]), f["ms_to_idx"][:4].tolist(), int(f["t_offset"][()])]))`;
    t.deepEqual(runPython(dsec, await path('dsec.h5')), [
      1000 + 7 * 4999,
      4999 % 640,
      4999 % 480,
      1,
      [0, 0, 143, 286],
      0,
    ]);
    const prophesee = `
import h5py
with h5py.File(path) as f:
    e = f["CD/events"]
    print(json.dumps([str(e.dtype), [int(v) for v in e[-1]], f.attrs["geometry"], f["CD/indexes"][:3].tolist(), f["CD/indexes"].attrs["offset"]]))`;
    const dtype =
      "{'names': ['x', 'y', 'p', 't'], 'formats': ['<u2', '<u2', '<i2', '<i8'], 'offsets': [0, 2, 4, 8], 'itemsize': 16}";
    t.deepEqual(runPython(prophesee, await path('plain.hdf5')), [
      dtype,
      [4999 % 640, 4999 % 480, 1, 1000 + 7 * 4999],
      '640x480',
      [
        [0, -1],
        [0, 0],
        [286, 2002],
      ],
      '-1000',
    ]);
  },
);

withNir(`nir reads a graph that is written ${hasH5py ? '' : note('nir')}`, async (t) => {
  const file = await path('graph.nir');
  const node = (type: string, values: Record<string, Float32Array>) => ({ type, ...values });
  await writeHdf5(file, {
    version: '1.0',
    node: {
      type: 'NIRGraph',
      nodes: {
        input: { type: 'Input', shape: hdf5Dataset([3], { type: 'int64' }) },
        aff: {
          type: 'Affine',
          weight: hdf5Dataset(Float32Array.of(1, 2, 3, 4, 5, 6), { shape: [2, 3], deflate: true }),
          bias: Float32Array.of(1, 2),
        },
        lif: node('LIF', {
          tau: Float32Array.of(0.01, 0.02),
          r: Float32Array.of(1, 1),
          v_leak: Float32Array.of(0, 0),
          v_threshold: Float32Array.of(1, 1),
          v_reset: Float32Array.of(0, 0),
        }),
        output: { type: 'Output', shape: hdf5Dataset([2], { type: 'int64' }) },
      },
      edges: hdf5Dataset(['input', 'aff', 'aff', 'lif', 'lif', 'output'], { shape: [3, 2] }),
    },
  });
  const script = `
import nir
g = nir.read(path)
print(json.dumps([sorted(g.nodes), sorted(map(list, g.edges)), g.nodes["aff"].weight.tolist(), g.nodes["lif"].tau.tolist(), type(g.nodes["lif"]).__name__]))`;
  const [nodes, edges, weight, tau, kind] = runPython(script, file) as [
    string[],
    string[][],
    number[][],
    number[],
    string,
  ];
  t.deepEqual(nodes, ['aff', 'input', 'lif', 'output']);
  t.is(edges.length, 3);
  t.deepEqual(weight, [
    [1, 2, 3],
    [4, 5, 6],
  ]);
  t.deepEqual(tau.map(Math.fround), [0.01, 0.02].map(Math.fround));
  t.is(kind, 'LIF');
});
