// The times of a training step by layer: they add up to the whole, belong to the layer that has the work, and change nothing.
import test from 'ava';
import { profileTable } from '../../src-ts/doors/chip.ts';
import { figure } from '../../src-ts/doors/figure.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { adam, dense, loss, sequential } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { checkFigure } from '../support/figures.ts';

test('a profile names the layers in their order, adds up, and leaves the model as it was', async (t) => {
  using model = await sequential(
    dense(20, 30),
    lif({ beta: 0.9, name: 'small' }),
    dense(30, 1500),
    lif({ beta: 0.9, name: 'large' }),
    dense(1500, 10),
    lif({ beta: 0.9, name: 'out' }),
  ).compile({ seed: 1 });
  const batch = {
    x: Float32Array.from({ length: 20 * 32 * 20 }, (_, i) => ((i * 7919) % 5 === 0 ? 1 : 0)),
    shape: [20, 32, 20],
    y: Uint32Array.from({ length: 32 }, (_, i) => i % 10),
  };
  const options = { loss: loss.crossEntropyCount(), optimizer: adam() };
  const before = await model.weights();
  const profile = await model.profile(batch, { ...options, rounds: 3 });
  t.deepEqual(await model.weights(), before);
  t.is(model.updates, 0);
  t.deepEqual(
    profile.units.map(({ layers }) => layers),
    [['small'], ['large'], ['out']],
  );
  const sum = profile.units.reduce((all, { forward, backward }) => all + forward + backward, 0);
  t.true(profile.units.every(({ forward, backward }) => forward > 0 && backward > 0));
  t.true(profile.update > 0 && profile.rest >= 0);
  t.true(
    Math.abs(sum + profile.update + profile.rest - profile.total) < 1e-9 * profile.total ||
      profile.rest === 0,
  );
  // 45,000 weights and 1,500 neurons beside 600 and 30.
  t.true(profile.units[1]!.forward > profile.units[0]!.forward);
  const text = profileTable(profile);
  for (const name of ['small', 'large', 'out', '(optimizer)', '(rest)', 'total']) t.true(text.includes(name));
  await checkFigure(t, await figure.profile(profile), {});
  const wrong = { ...options, rounds: 0 };
  t.is((await failure(() => model.profile(batch, wrong)))?.code, 'invalid-parameter');
  t.is((await failure(() => profileTable({} as never)))?.code, 'invalid-parameter');
});
