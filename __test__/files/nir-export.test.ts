// Models as NIR: each neuron model and layer is written or refused with a reason, and lost semantics are always reported.
import test from 'ava';
import { nirBytes, readNir } from '../../src-ts/doors/files.ts';
import { cubaLif, li, lif, type Neuron } from '../../src-ts/doors/neurons.ts';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import { concat, conv1d, conv2d, dense, type Layer, sequential } from '../../src-ts/index.ts';
import { unwrittenLayers } from '../../src-ts/nir/export-maps.ts';
import { unwritten, writtenModels } from '../../src-ts/nir/export-neurons.ts';
import { failure } from '../support/errors.ts';
import * as lapicque from '../support/library.ts';
import { nirEuler } from '../support/nir-euler.ts';
import { deviation, uniform } from '../support/numbers.ts';

/** {@link sequential} for layers whose types are not known to fit. */
const chain = sequential as (...all: Layer[]) => lapicque.Network;

interface Described {
  readonly key: string;
  readonly wiring: { readonly entering: readonly string[] };
}
const { models } = JSON.parse(unwrap(addon.describeModels())) as { models: readonly Described[] };

/** The required parameters of neuron models. */
const options: Readonly<Record<string, object>> = {
  lif: { beta: 0.8 },
  'cuba-lif': { alpha: 0.7, beta: 0.85 },
  alpha: { alpha: 0.9, beta: 0.7 },
  lapicque: { r: 2, c: 2 },
  li: { beta: 0.8 },
  'cuba-li': { alpha: 0.7, beta: 0.85 },
  alif: { tauMem: 8 },
  klif: { beta: 0.8 },
  'delta-lif': { beta: 0.8 },
  'multi-level-lif': { beta: 0.8 },
};
/** Models that are compiled with the reset of NIR. */
const resetting = ['lif', 'if', 'cuba-lif', 'lapicque', 'parametric-lif'];

function population({ key }: Described): Neuron {
  const name = key === 'if' ? 'integrateAndFire' : key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const factory = (lapicque as unknown as Record<string, (options: object) => Neuron>)[name]!;
  const reset = resetting.includes(key) ? { reset: 'value', resetTiming: 'same-step', vThreshold: 0.4 } : {};
  return factory({ ...options[key], ...reset, name: 'n' });
}

for (const model of models) {
  test(`the neuron ${model.key} is written, or refused with a reason`, async (t) => {
    const inputs = 4 * model.wiring.entering.length;
    const network = sequential(dense(3, inputs, { name: 'in' }), population(model));
    const compiled = await network.compile({ dt: 0.5, precision: 'f64' });
    const error = await failure(() => nirBytes(compiled));
    if (model.key in unwritten) {
      t.is(error?.code, 'unsupported');
      t.true(error!.message.includes(unwritten[model.key]!), error!.message);
      return;
    }
    t.true(writtenModels.includes(model.key));
    if (model.key === 'multi-level-lif') {
      t.regex(error!.message, /n\.levels/);
      return;
    }
    t.is(error, undefined);
    // An interpreter of the NIR equations computes the same values from the written graph.
    const { graph, report } = await readNir(await nirBytes(compiled), { framework: 'nir', dt: 0.5 });
    const x = uniform(40 * 3, 2, -0.5, 2);
    const { spikes, v } = await compiled.run({ x, shape: [40, 1, 3] });
    const rows = Array.from({ length: 40 }, (_, step) => Array.from(x.subarray(step * 3, step * 3 + 3)));
    const expected = nirEuler(graph, rows, 0.5e-3).flat();
    t.is(report.outputs.length, 1);
    t.true(deviation(spikes ?? v, expected) < 1e-9);
    if (spikes !== undefined) t.true(expected.some((spike) => spike === 1));
  });
}

const image = [2, 6, 6] as const;
/** Layers between an image and a dense layer, by their kind in a description. */
const layers: Readonly<Record<string, readonly Layer[]>> = {
  dense: [dense(72, 20)],
  'dense, delays': [dense(72, 20, { delay: 3 })],
  conv: [conv2d(2, 4, 3, { groups: 2, padding: 1, stride: 2 })],
  'conv, transposed': [conv2d(2, 4, 3, { transposed: true })],
  'pool sum': [lapicque.sumPool2d(2)],
  'pool average': [lapicque.avgPool2d([2, 3])],
  'pool max': [lapicque.maxPool2d(2)],
  'pool average, of the image': [lapicque.avgPool2d(3, { padding: 1, countIncludePad: false })],
  flatten: [lapicque.flatten()],
  unflatten: [dense(72, 32), lapicque.unflatten([2, 4, 4])],
  dropout: [lapicque.dropout(0.3)],
  'layer-norm': [lapicque.layerNorm()],
  'batch-norm': [conv2d(2, 4, 3), lapicque.batchNorm()],
  add: [lapicque.residual([conv2d(2, 2, 3, { padding: 1 })])],
  concat: [concat([], [])],
  multiply: [lapicque.multiply([], [])],
  attention: [lapicque.attention([], [], [], { heads: 1 })],
  inhibition: [
    dense(72, 20),
    lif({ beta: 0.8, reset: 'value', name: 'before' }),
    lapicque.lateralInhibition(),
  ],
  filter: [lapicque.timeFilter([0.5, 0.5])],
  'filter, a delay': [lapicque.timeFilter([0, 0, 1])],
  mixture: [lapicque.timeMixture(5, { order: 2 })],
  'time-reduction': [dense(72, 20), lif({ beta: 0.8, reset: 'value', name: 'before' }), lapicque.timeSum()],
};
/** Kinds that are written without `lossy`. */
const written = ['dense', 'conv', 'pool sum', 'pool average', 'flatten', 'add', 'filter, a delay'];

for (const [kind, list] of Object.entries(layers)) {
  test(`the layer ${kind} is written, or refused with a reason`, async (t) => {
    const shaped = [lapicque.input(...image), ...list] as Layer[];
    const probe = await chain(...shaped, li({ beta: 0.5, name: 'probe' })).compile();
    const size = probe.info.layers.at(-1)!.neurons;
    const network = chain(...shaped, dense(size, 5, { name: 'last' }), li({ beta: 0.5, name: 'end' }));
    const model = await network.compile({ precision: 'f64' });
    const error = await failure(() => nirBytes(model));
    if (kind === 'dropout') {
      t.regex(error!.message, /dropout1\.rate: NIR has no dropout; it acts in training only/);
      await t.notThrowsAsync(() => nirBytes(model, { lossy: ['rate'] }));
      return;
    }
    if (!written.includes(kind)) {
      t.is(error?.code, 'unsupported');
      t.regex(error!.message, /NIR (has|’s)|: NIR/, error!.message);
      const reason = unwrittenLayers[kind.split(',')[0]!];
      if (reason !== undefined) t.true(error!.message.includes(reason), error!.message);
      return;
    }
    t.is(error, undefined);
    const bytes = await nirBytes(model);
    const x = uniform(6 * 72, 4, -1, 1);
    const own = await model.run({ x, shape: [6, 1, 72] });
    for (const framework of ['auto', 'nir'] as const) {
      const { model: again } = await readNir(bytes, { framework, dt: 1, precision: 'f64' });
      t.true(deviation((await again.run({ x, shape: [6, 1, 72] })).v, own.v) < 1e-12, framework);
    }
  });
}

test('an embedding and a matrix product are refused with a reason', async (t) => {
  const embedded = await chain(lapicque.embedding(5, 3), li({ beta: 0.5 })).compile();
  t.true((await failure(() => nirBytes(embedded)))!.message.includes(unwrittenLayers.embedding!));
  const product = await lapicque
    .graph({
      inputs: [3],
      nodes: {
        a: dense(3, 2),
        b: dense(3, 2),
        product: lapicque.join({ kind: 'matrix-product', rows: 1, inner: 2, columns: 1 }),
        n: li({ beta: 0.5 }),
      },
      edges: [
        ['input', 'a'],
        ['input', 'b'],
        ['a', 'product'],
        ['b', 'product'],
        ['product', 'n'],
      ],
      output: 'n',
    })
    .compile();
  t.true((await failure(() => nirBytes(product)))!.message.includes(unwrittenLayers['matrix-product']!));
  const tested = new Set([...Object.keys(layers), 'embedding', 'matrix-product']);
  t.deepEqual(
    Object.keys(unwrittenLayers).filter((kind) => !tested.has(kind)),
    [],
  );
});

test('every neuron model is written or has a reason, and every reason is for an existing model', (t) => {
  const keys = new Set([...models.map(({ key }) => key), 'custom']);
  t.deepEqual(
    Object.keys(unwritten).filter((key) => !keys.has(key)),
    [],
  );
  t.deepEqual(
    models.map(({ key }) => key).filter((key) => !(key in unwritten) && !writtenModels.includes(key)),
    [],
  );
});

const compiled = (...layer: Layer[]) => chain(dense(3, 4), ...layer).compile();

test('semantics that NIR cannot express are refused by field, and written with lossy', async (t) => {
  const cases: [Neuron, string][] = [
    [lif({ beta: 0.9 }), 'reset'],
    [lif({ beta: 0.9, reset: 'value', zeroKeepsInput: false }), 'zeroKeepsInput'],
    [lif({ beta: 0.9, reset: 'value', resetTiming: 'snntorch-no-delay' }), 'resetTiming'],
    [lif({ beta: 0.9, reset: 'value', resetTiming: 'same-step', thresholdBefore: true }), 'thresholdBefore'],
    [lif({ beta: 0.9, reset: 'value', refractorySteps: 2 }), 'refractorySteps'],
    [lif({ beta: 0.9, reset: 'value', tauRef: 2 }), 'tauRef'],
    [lif({ beta: 0.9, reset: 'value', vMin: -1 }), 'vMin'],
    [lif({ beta: 0.9, reset: 'value', gradedSpikes: 2 }), 'gradedSpikes'],
    [lif({ beta: 0.9, reset: 'value', vInit: 0.5 }), 'vInit'],
    [cubaLif({ alpha: 0.5, beta: 0.9, reset: 'value', currentOrder: 'use-decay-add' }), 'currentOrder'],
    [li({ beta: 0.9, vInit: 0.5 }), 'vInit'],
  ];
  for (const [layer, field] of cases) {
    const model = await compiled(layer);
    const { name } = model.info.layers[0]!;
    const error = await failure(() => nirBytes(model));
    t.is(error?.code, 'unsupported', field);
    t.true(error!.message.includes(`${name}.${field}`), error!.message);
    t.true(error!.message.includes('lossy: ['), error!.message);
    const lossy = [...error!.message.matchAll(/lossy: (\[.*?\])/g)].flatMap(([, list]) => JSON.parse(list!));
    const { model: again } = await readNir(await nirBytes(model, { lossy }));
    t.deepEqual(await again.currentDescription(), await model.currentDescription(), field);
    await t.notThrowsAsync(() => nirBytes(model, { lossy: true }));
  }
  const message = (
    await failure(async () => nirBytes(await compiled(lif({ beta: 0.9 })), { lossy: ['vInit'] }))
  )?.message;
  t.regex(message!, /lif1\.reset/);
  const bad = await failure(async () => nirBytes(await compiled(li({ beta: 0.9 })), { lossy: 1 as never }));
  t.is(bad?.code, 'invalid-parameter');
});

test('a delayed edge outside of a cycle becomes a Delay', async (t) => {
  const model = await lapicque
    .graph({
      inputs: [3],
      nodes: {
        in: dense(3, 4),
        a: lif({ tauMem: 5, like: 'nir', vThreshold: 0.1 }),
        across: dense(4, 4),
        b: li({ tauMem: 5, like: 'nir' }),
      },
      edges: [
        ['input', 'in'],
        ['in', 'a'],
        ['a', 'across', { delayed: true }],
        ['across', 'b'],
      ],
      output: 'b',
    })
    .compile({ precision: 'f64' });
  const { graph } = await readNir(await nirBytes(model), { framework: 'nir', dt: 1 });
  t.true([...graph.nodes.values()].some(({ type }) => type === 'Delay'));
  const x = uniform(60, 5, 0, 3);
  const { v } = await model.run({ x, shape: [20, 1, 3] });
  const rows = Array.from({ length: 20 }, (_, step) => Array.from(x.subarray(step * 3, step * 3 + 3)));
  t.true(deviation(v, nirEuler(graph, rows, 1e-3).flat()) < 1e-9);
});

test('an edge from a state that NIR neurons do not output is refused', async (t) => {
  const model = await lapicque
    .graph({
      inputs: [3],
      nodes: { a: lif({ tauMem: 5, like: 'nir' }), across: dense(3, 4), b: li({ tauMem: 5 }) },
      edges: [
        ['input', 'a'],
        ['a', 'across', { state: 'v' }],
        ['across', 'b'],
      ],
      output: 'b',
    })
    .compile();
  t.regex((await failure(() => nirBytes(model)))!.message, /a\.v as the source of across/);
});

test('weights that another program changed are used; with a changed neuron the metadata are ignored', async (t) => {
  const model = await compiled(lif({ beta: 0.9 }));
  const { graph } = await readNir(await nirBytes(model, { lossy: true }));
  const change = (name: string, key: string, value: number) => ({
    ...graph,
    nodes: new Map(
      [...graph.nodes].map(([own, node]) => {
        if (own !== name || !('fields' in node)) return [own, node] as const;
        const fields = new Map(node.fields);
        const old = fields.get(key) as lapicque.NirTensor;
        fields.set(
          key,
          lapicque.nirTensor(
            Array.from(old.data, () => value),
            old.shape,
            old.type,
          ),
        );
        return [own, { ...node, fields }] as const;
      }),
    ),
  });
  const { model: trained, report } = await readNir(await nirBytes(change('dense1', 'weight', 0.25)));
  t.is(report.warnings.length, 0);
  t.deepEqual(await trained.currentDescription(), await model.currentDescription());
  t.true((await trained.weights())['dense1.weight']!.every((weight) => weight === 0.25));
  const { model: other, report: changed } = await readNir(await nirBytes(change('lif1', 'v_threshold', 2)));
  t.regex(changed.warnings[0]!, /was changed after lapicque wrote it/);
  const node = (await other.currentDescription()).nodes.find(({ name }) => name === 'lif1')!;
  t.like(node, { dynamics: { params: { vThreshold: 2 }, options: { reset: 'value' } } });
});

test('conv1d survives a round trip', async (t) => {
  const model = await chain(
    lapicque.input(2, 12) as Layer,
    conv1d(2, 3, 3, { padding: 1 }),
    li({ tauMem: 4, like: 'nir' }),
  ).compile();
  const { roundTrip } = await lapicque.verifyNir(await nirBytes(model));
  t.true(roundTrip!.exact);
});

test('a written model can be read with another dt, precision or conventions', async (t) => {
  const model = await compiled(lif({ tauMem: 10, reset: 'subtract' }));
  const bytes = await nirBytes(model, { lossy: true });
  const { model: finer, report } = await readNir(bytes, { dt: 0.5, precision: 'f64' });
  t.like(await finer.currentDescription(), { dt: 0.5, precision: 'f64' });
  t.is(report.dt, 0.5);
  const { report: chosen } = await readNir(bytes, { conventions: { reset: 'subtract' } });
  t.not(chosen.framework, 'lapicque');
  const error = await failure(() =>
    readNir('__test__/files/fixtures/nir/lif_norse.nir', { framework: 'lapicque' }),
  );
  t.is(error?.code, 'invalid-parameter');
});
