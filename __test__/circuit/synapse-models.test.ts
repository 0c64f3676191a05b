// Synapse models: frozen nodes, one synapse under spike trains, rules of your own, errors. The peers' synapses are
// vectors (vectors.test.ts); networks are tested in the engine.
import test from 'ava';
import { driveSynapse, type SynapseModel, synapse } from '../../src-ts/doors/circuit.ts';
import type { LapicqueError } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';

const near = (got: number, expected: number) => Math.abs(got - expected) < 1e-12;

test('a model is a frozen plain node', (t) => {
  const model = synapse.stdp({ wMax: 2, like: 'nest', coincidence: 'both' });
  t.deepEqual(model, { model: 'stdp', params: { wMax: 2 }, options: { coincidence: 'both' }, like: 'nest' });
  t.true(Object.isFrozen(model) && Object.isFrozen(model.params) && Object.isFrozen(model.options));
  t.deepEqual(JSON.parse(JSON.stringify(model)), model);
});

test('the STDP window is two exponentials', async (t) => {
  const model = synapse.stdp({
    aPlus: 0.5,
    aMinus: 0.3,
    tauPlus: 17,
    tauMinus: 34,
    muPlus: 0,
    muMinus: 0,
    wMin: -5,
    wMax: 5,
  });
  for (const distance of [-60, -10, -0.1, 0, 0.1, 10, 60]) {
    const { last } = await driveSynapse(model, { weight: 0, pre: [100], post: [100 + distance] });
    const window =
      distance > 0 ? 0.5 * Math.exp(-distance / 17) : distance < 0 ? -0.3 * Math.exp(distance / 34) : 0;
    t.true(near(last.w!, window), `${distance}`);
  }
});

test('depression: what is transmitted, and the variables at any time', async (t) => {
  const model = synapse.tsodyksMarkram({ utilization: 0.4, tauRec: 100 });
  const pre = Float64Array.of(10, 30);
  const { transmitted, samples } = await driveSynapse(model, { weight: 2, pre, sampleTimes: [5, 25, 200] });
  const recovered = (x: number, ms: number) => 1 - (1 - x) * Math.exp(-ms / 100);
  t.true(near(transmitted[0]!, 0.8));
  t.true(near(transmitted[1]!, 0.8 * recovered(0.6, 20)));
  t.is(samples.x![0], 1);
  t.true(near(samples.x![1]!, recovered(0.6, 15)));
  t.true(near(samples.x![2]!, recovered(0.6 * recovered(0.6, 20), 170)));
});

test('a rule of your own, with a modulator', async (t) => {
  const model = synapse.rule({
    params: { eta: 0.1 },
    variables: { tag: { tau: 50 }, count: 0 },
    traces: { x: { of: 'pre', tau: 20 } },
    post: 'tag += eta * x; count += 1',
    modulated: 'w += tag',
  });
  t.true(Object.isFrozen(model.equations));
  const { last } = await driveSynapse(model, { pre: [10], post: [15], modulator: [40] });
  t.true(near(last.w!, 1 + 0.1 * Math.exp(-5 / 20) * Math.exp(-25 / 50)));
  t.is(last.count, 1);
});

test('bad input is named', async (t) => {
  const expect = async (
    model: () => SynapseModel,
    options: object,
    expected: LapicqueError['code'],
    message: RegExp,
  ): Promise<void> => {
    const error = await failure(() => driveSynapse(model(), { pre: [1, 2], ...options }));
    t.is(error?.code, expected, error?.message);
    t.regex(error?.message ?? '', message);
  };
  const stdp = () => synapse.stdp();
  await expect(() => synapse.stdp({ tauPlsu: 1 } as never), {}, 'unknown-name', /did you mean "tauPlus"/);
  await expect(
    () => synapse.stdp({ tauPlus: -1 }),
    {},
    'invalid-parameter',
    /tauPlus: expected a number above 0/,
  );
  await expect(() => synapse.stdp({ like: 'nets' as never }), {}, 'unknown-name', /preset of stdp "nets"/);
  await expect(stdp, { pre: [2, 1] }, 'invalid-parameter', /pre\[1\]: expected ascending times/);
  await expect(stdp, { pre: 'now' }, 'invalid-parameter', /pre: expected an array of times/);
  await expect(stdp, { weight: 101 }, 'invalid-parameter', /weight: expected a weight from 0 to 100/);
  await expect(stdp, { delay: -1 }, 'invalid-parameter', /delay: expected/);
  await expect(() => synapse.rule({ pre: 'w += q' }), {}, 'equation', /pre: unknown name "q"/);
  await expect(() => 1 as never, {}, 'invalid-parameter', /model: expected/);
});

test('a drive can be canceled', async (t) => {
  const signal = AbortSignal.abort();
  const error = await failure(() => driveSynapse(synapse.stdp(), { pre: [1], signal }));
  t.is(error?.name, 'AbortError');
});
