// Layers from functions: gradients by finite differences, sessions, files, images, refusals.
import test from 'ava';
import {
  conv2d,
  dense,
  flatten,
  input,
  type Layer,
  layer,
  loss,
  Model,
  multiply,
  sequential,
} from '../../src-ts/index.ts';
import { li, lif } from '../../src-ts/neurons/index.ts';
import { compareWithDifferences } from '../support/differences.ts';

const [steps, batch] = [4, 3];
const numbers = (count: number, seed: number) =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed));
const gate = layer.trace(
  'gate',
  { size: 5, parameters: { w: [5, 5], b: [5], alpha: 0.7 } },
  (x, { w, b, alpha }) => x.mul(x.matmul(w).add(b).mul(alpha).sigmoid()),
);

/** Gradients of a network that does not spike against central differences in double precision. */
async function differences(t: import('ava').ExecutionContext, layers: readonly Layer[], inputs: number) {
  const model = await sequential(...([...layers] as never as [])).compile({ precision: 'f64', seed: 3 });
  const x = numbers(steps * batch * inputs, 1);
  const data = { x, shape: [steps, batch, inputs], y: Uint32Array.of(0, 1, 1) };
  const objective = loss.trace(({ v, target }) => v.crossEntropy(target).mean('time'));
  await model.trainStep(data, { loss: objective });
  const gradients = await model.gradients();
  const lossOf = async () => (await model.evaluateStep(data, { loss: objective })).loss;
  await compareWithDifferences(t, model, gradients as never, lossOf, {
    perTensor: 12,
    tolerance: () => 1e-8,
  });
  model[Symbol.dispose]();
}

test('a gate has the gradients of finite differences', async (t) => {
  await differences(t, [dense(3, 5), gate, dense(5, 2), li({ beta: 0.8 })], 3);
});

test('squeeze and excitation of an image has the gradients of finite differences', async (t) => {
  const excite = layer.trace('excite', { size: [4, 3, 3], parameters: { w: [4, 4] } }, (x, { w }) =>
    x.mul(x.mean(['y', 'x']).contract(w, 'channel', 'in').sigmoid()),
  );
  const layers = [
    input(2, 3, 3),
    conv2d(2, 4, 3, { padding: 1 }),
    excite,
    flatten(),
    dense(36, 2),
    li({ beta: 0.8 }),
  ];
  await differences(t, layers, 18);
});

test('a layer in a session gives the bits of a run, also after it was saved and loaded', async (t) => {
  const network = sequential(dense(3, 5), lif({ beta: 0.9 }), gate, dense(5, 2), li({ beta: 0.8 }));
  const model = await network.compile({ seed: 5 });
  const x = Float32Array.from(numbers(steps * 3, 2), (value) => 3 * value);
  const run = await model.run({ x, shape: [steps, 1, 3] });
  const loaded = await Model.load(await model.toBytes());
  for (const of of [model, loaded]) {
    const session = await of.session();
    for (let step = 0; step < steps; step++) {
      session.push(x.slice(3 * step, 3 * step + 3));
      t.deepEqual(Array.from(session.membrane()), Array.from(run.v.slice(2 * step, 2 * step + 2)));
    }
    session[Symbol.dispose]();
  }
  t.deepEqual(loaded.description, model.description);
});

test('a product of two inputs as a trace has the bits of the built-in layer', async (t) => {
  const square = layer.trace('square', { size: 3 }, (x) => x.mul(x));
  const compile = (middle: Layer) =>
    sequential(input(3), middle as never, dense(3, 2), li({ beta: 0.8 })).compile({ seed: 1 });
  const [traced, built] = [await compile(square), await compile(multiply([], []) as never)];
  const data = { x: Float32Array.from(numbers(steps * batch * 3, 4)), shape: [steps, batch, 3] };
  t.deepEqual((await traced.run(data)).v, (await built.run(data)).v);
});

test('what is wrong is refused where it is written', async (t) => {
  const message = (build: () => unknown) => t.throws(build, { instanceOf: Error })!.message;
  t.regex(
    message(() => layer.trace('a', { size: 3 }, (x) => x.sum('time'))),
    /layers\.test\.\w+:\d+:\d+\) "time"; known are neuron/,
  );
  t.regex(
    message(() => layer.trace('a', { size: 3, parameters: { w: [4, 4] } }, (x, { w }) => x.matmul(w))),
    /\[neuron 3\]/,
  );
  t.regex(
    message(() =>
      layer.trace('a', { size: 3 }, (x, parameters) => x.add((parameters as never as { w: number }).w)),
    ),
    /unknown parameter of the layer .*"w"/,
  );
  t.regex(
    message(() => layer.trace('a', { size: 3 }, () => 3 as never)),
    /expected a tensor/,
  );
  t.regex(
    message(() => layer.trace('a', { size: [1, 2, 3, 4, 5] }, (x) => x)),
    /up to four sizes/,
  );
  t.regex(
    message(() => layer.trace('a', { size: 3, parameters: { w: [1, 2, 3] } }, (x) => x)),
    /names them/,
  );
  const alone = layer.trace('alone', { size: 3, parameters: { w: [3] } }, (_, { w }) => w.exp());
  await t.throwsAsync(sequential(dense(2, 3), alone, li({ beta: 0.8 })).compile(), {
    message: /depend on the input/,
  });
  const three = layer.trace('three', { size: 3 }, (x) => x.exp());
  await t.throwsAsync(sequential(dense(2, 4), three as never, li({ beta: 0.8 })).compile(), {
    message: /three: expected shape \[neuron 3\]/,
  });
});
