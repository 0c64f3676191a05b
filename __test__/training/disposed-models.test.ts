// Handles whose native memory has been freed.
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { adam, Model, Session } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { batch, classes, network, objective, shape, steps, x, y } from '../support/small-network.ts';
import { any, values } from '../support/table.ts';

const step = { x, shape, y };
test('every method of what was disposed says so, disposing twice does not', async (t) => {
  const gone = await network.compile();
  const session = await gone.session({ record: ['lif1.v'] });
  const fork = session.fork();
  const { backward } = await gone.forward({ x, shape });
  const state = session.save();
  gone.dispose();
  gone.dispose();
  gone[Symbol.dispose]();
  // A session has its own hold of the weights.
  t.deepEqual([...session.push([0])], [...fork.push([0])]);
  session.dispose();
  session.dispose();
  const data = new DataLoader({ x: values(15), y, shape: [3, 5] }, { batchSize: 3 });
  const calls: Record<string, () => unknown> = {
    // First, for it belongs to the last forward pass that was tried.
    backward: () => backward({ v: values(steps * batch * classes) }),
    'model.run': () => gone.run({ x, shape }),
    'model.predict': () => gone.predict({ x, shape }),
    'model.evaluate': () => gone.evaluate(any(data), { steps, loss: objective }),
    'model.fit': () => gone.fit(any(data), { epochs: 1, steps, loss: objective }),
    'model.trainStep': () => gone.trainStep(step, { loss: objective, optimizer: adam() }),
    'model.prepareSteps': () => gone.prepareSteps({ loss: objective, optimizer: adam() }),
    'model.evaluateStep': () => gone.evaluateStep(step, { loss: objective }),
    'model.forward': () => gone.forward({ x, shape }),
    'model.forwardCounted': () => gone.forwardCounted({ x, shape }, {}),
    'model.step': () => gone.step(adam()),
    'model.weights': () => gone.weights(),
    'model.gradients': () => gone.gradients(),
    'model.gradientNorms': () => gone.gradientNorms(),
    'model.clearGradients': () => gone.clearGradients(),
    'model.restState': () => gone.restState(1),
    'model.setWeights': () => gone.setWeights({ 'dense1.weight': values(30) }),
    'model.importWeights': () => gone.importWeights({ 'fc1.weight': values(30) }, { from: 'torch' }),
    'model.weightsSha256': () => gone.weightsSha256(),
    'model.estimate': () => gone.estimate({ steps: 1, batch: 1 }),
    'model.profile': () => gone.profile(step, { loss: objective }),
    'model.session': () => gone.session(),
    'model.currentDescription': () => gone.currentDescription(),
    'model.withSurrogates': () => gone.withSurrogates({}),
    'model.save': () => gone.save('/tmp/never-written.safetensors'),
    'model.toBytes': () => gone.toBytes(),
    'session.push': () => session.push([0]),
    'session.push of values': () => session.push(values(5)),
    'session.advance': () => session.advance(1),
    'session.pushAsync': () => session.pushAsync([[0]]),
    'session.readout': () => session.readout(),
    'session.membrane': () => session.membrane(),
    'session.recorded': () => session.recorded('lif1.v'),
    'session.steps': () => session.steps,
    'session.reset': () => session.reset(),
    'session.save': () => session.save(),
    'session.restore': () => session.restore(state),
    'session.fork': () => session.fork(),
  };
  for (const [name, call] of Object.entries(calls)) t.is((await failure(call))?.code, 'disposed', name);
  const tried = new Set(Object.keys(calls).map((name) => name.split(' ')[0]));
  for (const [name, type] of [
    ['model', Model],
    ['session', Session],
  ] as const) {
    for (const [key, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(type.prototype))) {
      const known = ['constructor', 'dispose', 'summary', 'native', 'parameterCount', 'outputs', 'metadata'];
      if (!known.includes(key) && (get ?? value) !== undefined)
        t.true(tried.has(`${name}.${key}`), `${name}.${key} was not tried`);
    }
  }
  t.is(typeof gone.summary(), 'string');
  fork.dispose();
});

test('disposing during a task lets the task end', async (t) => {
  const busy = await network.compile({ seed: 1 });
  const running = busy.trainStep(step, { loss: objective, optimizer: adam() });
  const session = busy.session();
  busy.dispose();
  t.true(Number.isFinite((await running).loss));
  (await session).push([1]);
  t.is((await failure(() => busy.weights()))?.code, 'disposed');
});
