// Parameters of a traced loss: gradients against finite differences, one step by hand, files, names, and what is refused.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { lif } from '../../src-ts/doors/neurons.ts';
import { adam, dense, loadCheckpoint, loss, Model, sequential, sgd } from '../../src-ts/index.ts';

const [steps, batch, inputs] = [6, 4, 5];
const x = Float64Array.from({ length: steps * batch * inputs }, (_, i) => Number((i * 0.618) % 1 > 0.4));
const data = { x, shape: [steps, batch, inputs], y: Uint32Array.of(0, 1, 2, 0) };
const network = sequential(dense(5, 8), lif({ beta: 0.9, name: 'hidden' }), dense(8, 3), lif({ beta: 0.9 }));

// A temperature, offsets of the classes, and centers of the classes in the space of hidden counts.
const objective = loss.trace(
  ({ v, target, layers, parameters: { temperature, offset, center } }) => {
    const counts = layers.hidden!.spikes.sum('time');
    const own = target.oneHot('neuron', offset).matmul(center);
    return {
      task: v.mul(temperature).add(offset).crossEntropy(target).mean('time'),
      spread: counts.rename('neuron', 'hidden').sub(own).square().sum('hidden').mul(0.01),
    };
  },
  {
    parameters: {
      temperature: 1.5,
      offset: { shape: [3], initial: [0.1, -0.2, 0.3] },
      center: { shape: { neuron: 3, hidden: 8 }, initial: 0.5 },
    },
  },
);
const names = ['loss.temperature', 'loss.offset', 'loss.center'];

test('gradients of the parameters of a loss, against finite differences', async (t) => {
  const model = await network.compile({ precision: 'f64', seed: 2 });
  await model.trainStep(data, { loss: objective });
  const gradients = await model.gradients();
  const weights = await model.weights();
  t.deepEqual(
    model.info.parameters.slice(-3).map(({ name, shape }) => [name, shape]),
    [
      ['loss.temperature', []],
      ['loss.offset', [3]],
      ['loss.center', [3, 8]],
    ],
  );
  t.deepEqual([...weights['loss.offset']!], [0.1, -0.2, 0.3]);
  t.true(weights['loss.center']!.every((value) => value === 0.5));
  let largest = 0;
  for (const name of names) {
    for (let i = 0; i < weights[name]!.length; i++) {
      const at = async (by: number) => {
        const values = Float64Array.from(weights[name]!);
        values[i]! += by;
        await model.setWeights({ [name]: values });
        return (await model.evaluateStep(data, { loss: objective })).loss;
      };
      const h = 1e-4;
      const numeric =
        ((await at(-2 * h)) - 8 * (await at(-h)) + 8 * (await at(h)) - (await at(2 * h))) / (12 * h);
      await model.setWeights({ [name]: weights[name]! });
      t.true(
        Math.abs(numeric - gradients[name]![i]!) < 1e-9,
        `${name}[${i}]: ${gradients[name]![i]}, ${numeric}`,
      );
      largest = Math.max(largest, Math.abs(numeric));
    }
  }
  t.true(largest > 0.01);
});

test('an optimizer steps the parameters of a loss, by groups too', async (t) => {
  const model = await network.compile({ precision: 'f64', seed: 2 });
  const optimizer = sgd({
    lr: 0.1,
    groups: [
      { parameters: ['loss.temperature'], lr: 0.5 },
      { parameters: ['loss.center'], frozen: true },
    ],
  });
  await model.trainStep(data, { loss: objective, optimizer, keepGradients: true });
  const [gradients, weights] = [await model.gradients(), await model.weights()];
  t.true(
    Math.abs(weights['loss.temperature']![0]! - (1.5 - 0.5 * gradients['loss.temperature']![0]!)) < 1e-15,
  );
  t.not(weights['loss.temperature']![0], 1.5);
  [0.1, -0.2, 0.3].forEach((initial, i) => {
    t.true(Math.abs(weights['loss.offset']![i]! - (initial - 0.1 * gradients['loss.offset']![i]!)) < 1e-15);
  });
  t.true(weights['loss.center']!.every((value) => value === 0.5));
});

test('the parameters of a loss are in files, and a resumed training has the same bits', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-loss-'));
  const options = { loss: objective, optimizer: adam({ lr: 0.02 }) };
  const whole = await network.compile({ seed: 3 });
  const { history } = await whole.fit([data, data], { ...options, epochs: 4 });
  const half = await network.compile({ seed: 3 });
  const path = join(folder, 'half.safetensors');
  await half.fit([data, data], { ...options, epochs: 2, checkpoint: { path } });
  const { model, training } = await loadCheckpoint(path);
  t.deepEqual(model.info.parameters, half.info.parameters);
  t.is(model.parameterCount, half.parameterCount);
  const rest = await model.fit([data, data], { ...options, epochs: 4, resume: training! });
  t.is(await model.weightsSha256(), await whole.weightsSha256());
  t.deepEqual(
    rest.history.map(({ terms }) => terms),
    history.map(({ terms }) => terms),
  );
  for (const { loss: all, terms } of history) t.true(Math.abs(all - terms!.task! - terms!.spread!) < 1e-6);
  const saved = join(folder, 'model.safetensors');
  await model.save(saved);
  const loaded = await Model.load(saved);
  t.deepEqual(await loaded.weights(), await model.weights());
  t.is(
    (await loaded.evaluateStep(data, { loss: objective })).loss,
    (await model.evaluateStep(data, { loss: objective })).loss,
  );
});

test('a metric reads the parameters of a loss', async (t) => {
  const model = await network.compile({ seed: 3 });
  const temperature = loss.trace(({ parameters }) => parameters.temperature, {
    parameters: { temperature: 1 },
  });
  const { metrics } = await model.evaluateStep(data, {
    loss: objective,
    metrics: { temperature, objective },
  });
  t.is(metrics!.temperature, 1.5);
  t.deepEqual(Object.keys(metrics!), ['temperature', 'objective.task', 'objective.spread']);
});

test('setWeights before the first step: values of a loss that the model has not been trained with', async (t) => {
  const trained = await network.compile({ precision: 'f64', seed: 2 });
  await trained.fit([data], { epochs: 3, loss: objective, optimizer: adam({ lr: 0.05 }) });
  const fresh = await network.compile({ precision: 'f64', seed: 9 });
  await fresh.setWeights(await trained.weights());
  t.deepEqual(await fresh.weights(), await trained.weights());
  t.deepEqual(fresh.info.parameters, trained.info.parameters);
  t.is(fresh.parameterCount, trained.parameterCount);
  // The loss that declares them keeps these values.
  t.is(
    (await fresh.evaluateStep(data, { loss: objective })).loss,
    (await trained.evaluateStep(data, { loss: objective })).loss,
  );
  t.deepEqual(await (await Model.load(await fresh.toBytes())).weights(), await trained.weights());
  const other = await network.compile({ precision: 'f64', seed: 9 });
  const refused = async (weights: object, message: RegExp) => {
    await t.throwsAsync(other.setWeights(weights as never), { message });
    t.false(Object.keys(await other.weights()).some((name) => name.startsWith('loss.')));
    t.is(other.info.parameters.length, 4);
  };
  await refused({ 'loss.offset': Float64Array.of(1, 2, 3) }, /loss\.offset.*\{ data, shape \}/);
  await refused({ 'loss.offset': { data: Float64Array.of(1, 2, 3), shape: [2] } }, /loss\.offset.*\[2\]/);
  await refused({ 'loss.offset': { data: Float64Array.of(1, Number.NaN, 3), shape: [3] } }, /loss\.offset/);
  await refused({ 'los.offset': { data: Float64Array.of(1, 2, 3), shape: [3] } }, /los\.offset/);
  await other.setWeights({ 'loss.offset': { data: Float64Array.of(1, 2), shape: [2] } });
  await t.throwsAsync(other.trainStep(data, { loss: objective }), { message: /loss\.offset.*\[2\].*\[3\]/ });
});

test('wrong parameters of a loss are refused', async (t) => {
  const of = (parameters: never) => () => loss.trace(({ v }) => v.mean(), { parameters });
  t.throws(of({ a: 'one' } as never), { message: /parameters\.a.*a number, or \{ shape, initial \}/ });
  t.throws(of({ 'a.b': 1 } as never), { message: /names without a period/ });
  t.throws(of({ a: { shape: [0], initial: 1 } } as never), { message: /parameters\.a\.shape/ });
  t.throws(
    () => loss.trace(({ v, parameters }) => v.mul(parameters['b' as 'a']).mean(), { parameters: { a: 1 } }),
    {
      message: /parameter of the loss.*"?b"?.*a/,
    },
  );
  const model = await network.compile({ seed: 3 });
  const two = loss.trace(({ v, parameters }) => v.mul(parameters.offset.mean()).mean(), {
    parameters: { offset: { shape: [2], initial: [1, 2] } },
  });
  await model.trainStep(data, { loss: objective });
  await t.throwsAsync(model.trainStep(data, { loss: two }), { message: /loss\.offset.*\[3\].*\[2\]/ });
  const short = loss.trace(({ v, parameters }) => v.mul(parameters.other.mean()).mean(), {
    parameters: { other: { shape: [3], initial: [1, 2] } },
  });
  await t.throwsAsync(model.trainStep(data, { loss: short }), { message: /loss\.other\.initial.*2 numbers/ });
  const own = await sequential(dense(5, 3, { name: 'loss' }), lif({ beta: 0.9 })).compile();
  const weight = loss.trace(({ v, parameters }) => v.mul(parameters.weight).mean(), {
    parameters: { weight: 1 },
  });
  await t.throwsAsync(own.trainStep(data, { loss: weight }), {
    message: /another name: a layer called loss/,
  });
});
