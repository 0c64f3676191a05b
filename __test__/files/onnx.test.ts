// ONNX files as graphs: logits, values of many operators and gradients are those of torch (fixtures/ann, fixtures/onnx with the script that
// makes them); a graph trains on; whatever is not read is refused by the name of its node.
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type OnnxOptions, readOnnx, readTensors } from '../../src-ts/doors/files.ts';
import { adam, type ErrorCode, loss, Model } from '../../src-ts/index.ts';
import { ann, annFiles, logitsOf } from '../support/ann.ts';
import { failure } from '../support/errors.ts';
import { deviation } from '../support/numbers.ts';
import { attribute, list, model as modelBytes, node, tensor } from '../support/onnx-bytes.ts';

const fixtures = '__test__/files/fixtures/onnx';
const folder = mkdtemp(join(tmpdir(), 'lapicque-onnx-'));
test.after.always(async () => rm(await folder, { recursive: true, force: true }));

for (const name of ['mlp', 'small_mlp', 'conv', 'mlp_qcfs', 'small_qcfs']) {
  for (const file of annFiles(name, ['.onnx'])) {
    test(`${file} gives torch's logits`, async (t) => {
      const network = await readOnnx(ann(file));
      const model = await network.compile();
      const most = await logitsOf(model, name);
      t.true(most < 1e-4, `${most}`);
      // Every node is in the report, and every parameter came from the file.
      t.deepEqual(
        [...network.weights.keys()].filter((key) => !model.info.parameters.some((p) => p.name === key)),
        [],
      );
      t.true(network.report.nodes.length >= 3);
      t.is(network.report.opset, 20);
    });
  }
}

test('levels of a quantized activation are those of the file, exactly', async (t) => {
  for (const floor of ['straight-through', 'exact'] as const) {
    const network = await readOnnx(ann('small_qcfs.onnx'), { floor });
    const model = await network.compile();
    const { tensors: digits } = await readTensors(ann('digits100.safetensors'));
    const { data, shape } = digits.get('input')!;
    const { recordings } = await model.run(
      { x: data as Float32Array, shape: [1, ...shape] },
      { record: ['arithmetic1.v'] },
    );
    const { tensors } = await readTensors(ann('small_qcfs.expected.safetensors'));
    const levels = Array.from(tensors.get('levels1')!.data, Number);
    const theta = (await model.weights())['arithmetic1.theta']![0]!;
    const values = Array.from(recordings['arithmetic1.v'] as Float32Array, (v) => (v * 8) / theta);
    t.deepEqual(
      values.map((value) => Math.round(value)),
      levels,
    );
    t.true(values.every((value, i) => Math.abs(value - levels[i]!) < 1e-5));
  }
});

/** Which of our parameters those of torch are, where their names do not tell. */
const renamed: Record<string, Record<string, string>> = {
  line: { weight: 'dense1.weight', bias: 'dense1.bias', 'norm.scale': '.scale', 'fc.weight': 'fc.weight' },
  quantized: { 'act.theta': '.theta' },
};

for (const name of [
  'residual-13',
  'residual-dynamo',
  'line-17',
  'line-dynamo',
  'quantized-13',
  'by-hand-newest',
  'types-13',
]) {
  test(`${name}: values and gradients are torch's`, async (t) => {
    const network = await readOnnx(join(fixtures, `${name}.onnx`));
    const { tensors } = await readTensors(join(fixtures, `${name}.npz`));
    const array = (key: string) => tensors.get(key)!.data as Float32Array;
    const [batch, ...axes] = tensors.get('x')!.shape as [number, ...number[]];
    const size = axes.reduce((product, side) => product * side, 1);
    const model = await network.compile({ precision: 'f64' });
    const input = { x: array('x'), shape: [1, batch, size] };
    const { v } = await model.run(input);
    t.true(deviation(v, array('y')) < 2e-6, `${deviation(v, array('y'))}`);
    const single = await (await network.compile()).run(input);
    t.true(deviation(single.v, array('y')) < 1e-5);
    if (!tensors.has('dy')) return;
    const forward = await model.forward(input);
    await forward.backward({ v: array('dy') });
    const gradients = await model.gradients();
    const map = renamed[name.split('-')[0]!] ?? {};
    let compared = 0;
    for (const [key, { data, shape }] of tensors) {
      if (!key.startsWith('grad/')) continue;
      const theirs = key.slice('grad/'.length);
      const target = map[theirs] ?? theirs;
      const ours = Object.keys(gradients).find(
        (own) => own === target || (target.startsWith('.') && own.endsWith(target)),
      );
      t.truthy(ours, `${theirs} among ${Object.keys(gradients)}`);
      let expected: ArrayLike<number> = data as Float32Array;
      // A matrix that is multiplied from the right.
      if (name.startsWith('line') && theirs === 'weight') {
        const [rows, columns] = shape as [number, number];
        expected = Array.from({ length: data.length }, (_, i) =>
          Number(data[(i % rows) * columns + Math.floor(i / rows)]),
        );
      }
      t.true(
        deviation(gradients[ours!]!, expected) < 1e-5,
        `${theirs}: ${deviation(gradients[ours!]!, expected)}`,
      );
      compared += 1;
    }
    t.is(compared, Object.keys(gradients).length);
  });
}

test('an imported graph trains, is saved and goes on', async (t) => {
  const model = await (await readOnnx(ann('small_qcfs.onnx'))).compile();
  const { tensors } = await readTensors(ann('digits100.safetensors'));
  const x = tensors.get('input')!.data as Float32Array;
  const y = Uint8Array.from(tensors.get('label')!.data, Number);
  const batch = { x, shape: [100, 784], y };
  const before = await model.weights();
  const losses: number[] = [];
  for (let i = 0; i < 15; i++) {
    const report = await model.trainStep(batch, {
      steps: 1,
      loss: loss.crossEntropyMembrane(),
      optimizer: adam({ lr: 1e-3 }),
    });
    losses.push(report.loss);
  }
  t.true(losses.at(-1)! < losses[0]! / 2, `${losses[0]} to ${losses.at(-1)}`);
  const after = await model.weights();
  // Also what is in front of the floor.
  for (const name of ['dense1.weight', 'arithmetic1.theta', 'dense2.weight'])
    t.notDeepEqual([...after[name]!], [...before[name]!], name);
  const again = await Model.load(await model.toBytes());
  const input = { x, shape: [1, 100, 784] };
  t.deepEqual([...(await again.run(input)).v], [...(await model.run(input)).v]);
});

test('names of a report lead from nodes to layers', async (t) => {
  const { report } = await readOnnx(ann('conv.legacy.onnx'));
  const layers = report.nodes.map(({ operator, layer }) => `${operator} ${layer}`);
  t.deepEqual(layers.slice(0, 3), ['Conv conv1', 'Relu relu1', 'AveragePool pool1']);
  t.is(report.producer, 'pytorch 2.15.0');
  t.deepEqual([report.input, report.output], ['x', 'logits']);
});

// External data.

const conv = async () => new Uint8Array(await readFile(ann('conv.onnx')));

test('external data of bytes are given by name', async (t) => {
  const error = await failure(async () => readOnnx(await conv()));
  t.is(error?.code, 'io');
  t.regex(error!.message, /externalData/);
  const data = new Uint8Array(await readFile(ann('conv.onnx.data')));
  const model = await (await readOnnx(await conv(), { externalData: { 'conv.onnx.data': data } })).compile();
  t.true((await logitsOf(model, 'conv')) < 1e-4);
  const short = await failure(async () =>
    readOnnx(await conv(), { externalData: { 'conv.onnx.data': data.subarray(0, 900) } }),
  );
  t.is(short?.code, 'malformed-file');
});

test('external data count as a part of the file whose size bounds the memory', async (t) => {
  const limits = { bytes: 200_000 };
  // The messages count 180,604 bytes, the weights beside them 118,960.
  t.is((await failure(() => readOnnx(ann('conv.onnx'), { limits })))?.message, undefined);
});

test('external data outside the folder of the network are refused', async (t) => {
  const name = Buffer.from('conv.onnx.data');
  for (const [i, other] of [
    '../xx/yy.data12',
    '/etc/hostname00',
    'a/../../x.data0',
    'C:\\windows\\x0',
  ].entries()) {
    // The same length, or the lengths around it would be others.
    const bytes = Buffer.from(await conv());
    const replacement = Buffer.from(other.slice(0, name.length));
    for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1))
      Buffer.from(replacement.toString().padEnd(name.length, 'x')).copy(bytes, at);
    const path = join(await folder, `outside-${i}.onnx`);
    await writeFile(path, bytes);
    const error = await failure(() => readOnnx(path));
    t.is(error?.code, 'malformed-file', other);
    t.regex(error!.message, /only a file in the folder/);
  }
});

test('a link out of the folder is refused, one of a cache of models is followed', async (t) => {
  const [inner, blobs] = [join(await folder, 'inner'), join(await folder, 'blobs')];
  await mkdir(inner);
  await mkdir(blobs);
  await writeFile(join(inner, 'conv.onnx'), await conv());
  await copyFile(ann('conv.onnx.data'), join(blobs, 'conv.onnx.data'));
  await symlink(join(blobs, 'conv.onnx.data'), join(inner, 'conv.onnx.data'));
  const error = await failure(() => readOnnx(join(inner, 'conv.onnx')));
  t.is(error?.code, 'malformed-file');
  t.regex(error!.message, /link/);
  await writeFile(join(blobs, 'f00'), await conv());
  const snapshot = join(await folder, 'snapshot');
  await mkdir(snapshot);
  await symlink(join(blobs, 'f00'), join(snapshot, 'conv.onnx'));
  await symlink(join(blobs, 'conv.onnx.data'), join(snapshot, 'conv.onnx.data'));
  t.true((await logitsOf(await (await readOnnx(join(snapshot, 'conv.onnx'))).compile(), 'conv')) < 1e-4);
});

// Windows of 3 × 3 at every second pixel of 4 × 4 ones: they have 4, 6, 6 and 9 pixels within the image.
for (const [counted, sum] of [
  [undefined, 4],
  [0, 4],
  [1, (4 + 6 + 6 + 9) / 9],
] as const) {
  test(`means of windows at an edge with count_include_pad ${counted}`, async (t) => {
    const attributes = [
      list('kernel_shape', [3, 3]),
      list('strides', [2, 2]),
      list('pads', [1, 1, 1, 1]),
      ...(counted === undefined ? [] : [attribute('count_include_pad', counted)]),
    ];
    const bytes = modelBytes({
      nodes: [
        node('AveragePool', ['x'], ['means'], 'pool', attributes),
        node('Flatten', ['means'], ['line'], 'flat'),
        node('Gemm', ['line', 'w'], ['y'], 'sum'),
      ],
      initializers: [tensor('w', [4, 1], [1, 1, 1, 1])],
      input: [1, 4, 4],
      output: 'y',
    });
    const model = await (await readOnnx(bytes)).compile();
    const { v } = await model.run({ x: new Float32Array(16).fill(1), shape: [1, 1, 1, 4, 4] });
    t.is(v.length, 1);
    t.true(Math.abs(v[0]! - sum) < 1e-6, `${v[0]}`);
  });
}

// Refusals.

const small = (...nodes: Buffer[]) =>
  modelBytes({ nodes, initializers: [tensor('w', [3, 2], [1, 2, 3, 4, 5, 6])], input: [3], output: 'y' });

const refused: Record<string, [bytes: () => Uint8Array, code: ErrorCode, message: RegExp]> = {
  'an unknown operator': [
    () => small(node('Einsum', ['x', 'w'], ['y'], 'ein')),
    'unsupported',
    /Einsum "ein"/,
  ],
  'an operator of another domain': [
    () => small(node('Gelu', ['x'], ['y'], 'gelu', [], 'com.microsoft')),
    'unsupported',
    /Gelu "gelu" of com\.microsoft/,
  ],
  'an unknown attribute': [
    () => small(node('Relu', ['x'], ['y'], 'act', [attribute('slope', 2)])),
    'unsupported',
    /Relu "act": the attribute slope/,
  ],
  'a value that nothing gives': [() => small(node('Relu', ['z'], ['y'], 'act')), 'unsupported', /0 inputs/],
  'a cycle': [
    () =>
      small(
        node('Add', ['x', 'b'], ['a'], 'one'),
        node('Relu', ['a'], ['b'], 'two'),
        node('Relu', ['b'], ['y'], 'three'),
      ),
    'malformed-file',
    /reads b, which nothing before it gives/,
  ],
  'weights that do not fit': [
    () => small(node('Gemm', ['x', 'w'], ['y'], 'fc', [attribute('transB', 1)])),
    'unsupported',
    /Gemm "fc": weights \[3, 2\] for 3 features/,
  ],
  'weights that are computed': [
    () => small(node('MatMul', ['x', 'x'], ['y'], 'mm')),
    'unsupported',
    /MatMul "mm"/,
  ],
  'a reduction of the batch': [
    () => small(node('ReduceMean', ['x'], ['y'], 'mean')),
    'unsupported',
    /ReduceMean "mean": a mean over the axes/,
  ],
  'opset 12': [
    () =>
      modelBytes({
        nodes: [node('Relu', ['x'], ['y'], 'a')],
        initializers: [],
        input: [3],
        output: 'y',
        opset: 12,
      }),
    'unsupported',
    /opset 12/,
  ],
  'no shape': [
    () =>
      modelBytes({ nodes: [node('Relu', ['x'], ['y'], 'a')], initializers: [], input: ['n'], output: 'y' }),
    'invalid-parameter',
    /the shape of x/,
  ],
  'a declared shape of 2⁵⁰ numbers': [
    () =>
      modelBytes({
        nodes: [node('Gemm', ['x', 'w'], ['y'], 'fc')],
        initializers: [tensor('w', [2 ** 25, 2 ** 25], [1])],
        input: [3],
        output: 'y',
      }),
    'malformed-file',
    /the tensor w/,
  ],
  nothing: [() => new Uint8Array(), 'malformed-file', /no graph/],
};

for (const [what, [bytes, code, message]] of Object.entries(refused)) {
  test(`${what}: refused by name`, async (t) => {
    const error = await failure(() => readOnnx(bytes()));
    t.is(error?.code, code, error?.message);
    t.regex(error!.message, message);
  });
}

test('a shape that the file leaves open is given', async (t) => {
  const bytes = modelBytes({
    nodes: [node('Relu', ['x'], ['y'], 'a')],
    initializers: [],
    input: ['n'],
    output: 'y',
  });
  const model = await (await readOnnx(bytes, { inputs: [3] })).compile();
  t.deepEqual([...(await model.run({ x: Float32Array.of(-1, 0, 2), shape: [1, 1, 3] })).v], [0, 0, 2]);
});

test('which initializers are trained is told; unknown names are refused', async (t) => {
  const file = ann('small_qcfs.onnx');
  const learned = async (options: OnnxOptions) =>
    (await (await readOnnx(file, options)).compile()).info.parameters.map(({ name }) => name);
  t.true((await learned({})).includes('arithmetic1.theta'));
  t.false((await learned({ fixed: ['1.theta'] })).includes('arithmetic1.theta'));
  // 8 levels and the 0.5 of rounding.
  t.true((await learned({ trained: ['val_1'] })).includes('arithmetic1.p2'));
  const error = await failure(() => readOnnx(file, { fixed: ['2.theta'] }));
  t.is(error?.code, 'unknown-name');
  t.regex(error!.message, /known are .*1\.theta/);
});

test('an initializer of two layers becomes two, and the report says so', async (t) => {
  const bytes = modelBytes({
    nodes: [
      node('Gemm', ['x', 'w'], ['a'], 'one'),
      node('Relu', ['a'], ['b'], 'act'),
      node('Gemm', ['b', 'w'], ['y'], 'two'),
    ],
    initializers: [tensor('w', [2, 2], [1, 2, 3, 4])],
    input: [2],
    output: 'y',
  });
  const network = await readOnnx(bytes);
  t.is(network.report.notes.length, 1);
  t.regex(network.report.notes[0]!, /^w is read by several layers/);
  const { v } = await (await network.compile()).run({ x: Float32Array.of(1, -1), shape: [1, 1, 2] });
  // [1 -1] W = [-2 -2], cut at 0.
  t.deepEqual([...v], [0, 0]);
});

test('weights that are no numbers are refused by name', async (t) => {
  const bytes = modelBytes({
    nodes: [node('Gemm', ['x', 'w'], ['y'], 'one')],
    initializers: [tensor('w', [2, 1], [1, Number.NaN])],
    input: [2],
    output: 'y',
  });
  const error = await failure(async () => (await readOnnx(bytes)).compile());
  t.truthy(error, 'NaN');
  t.regex(error!.message, /dense1\.weight|\bw\b/);
});
