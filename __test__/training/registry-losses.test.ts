// Every loss that there is, whichever these are: it is computed, it trains, and what is wrong with its options is refused.
import test from 'ava';
import { evaluateLoss, LapicqueError, type Loss, loss } from '../../src-ts/index.ts';
import { lossForms, lossOutputs } from '../../src-ts/train/loss-forms.generated.ts';
import { hostile } from '../support/hostile-options.ts';
import { uniform } from '../support/numbers.ts';
import { network, shape, steps, x } from '../support/small-network.ts';

const { trace: _, ...kinds } = loss;
const factories = Object.values(kinds) as ((options?: object) => Loss)[];
const [samples, classes] = [3, 4];
const outputs = uniform(steps * samples * classes, 5, 0, 1);
const passOutputs = { spikes: outputs, v: outputs, shape: [steps, samples, classes] as const };
const labels = Uint32Array.of(1, 0, 3);

test('each kind of plain data has its function', (t) => {
  t.deepEqual(factories.map((make) => make().kind).sort(), Object.keys(lossForms).sort() as Loss['kind'][]);
  for (const [name, make] of Object.entries(kinds)) {
    t.is(
      name,
      make().kind.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase()),
    );
    t.true(Object.isFrozen(make()));
  }
});

for (const make of factories) {
  const { kind } = make();

  test(`${kind}: its gradient is that of its value`, async (t) => {
    const value = await evaluateLoss(make(), passOutputs, labels);
    const gradient = lossOutputs[kind] === 'v' ? value.gradV : value.gradSpikes;
    const other = lossOutputs[kind] === 'v' ? value.gradSpikes : value.gradV;
    t.true(Number.isFinite(value.loss) && value.loss >= 0);
    t.true(gradient!.some((g) => g !== 0) && other!.every((g) => g === 0));
    const mean = value.perSample.reduce((sum, each) => sum + each, 0) / samples;
    t.true(Math.abs(mean - value.loss) < 1e-12);
  });

  test(`${kind}: it trains`, async (t) => {
    using model = await network.compile({ seed: 1 });
    const inputs = x.map((_, i) => (i * 7919) % 3);
    const before = await model.weightsSha256();
    const y = Uint8Array.of(0, 1, 1);
    const report = await model.trainStep(
      { x: inputs, y, shape },
      { loss: make(), optimizer: { kind: 'adam' } },
    );
    t.true(Number.isFinite(report.loss));
    t.not(await model.weightsSha256(), before);
  });

  test(`${kind}: what is wrong is refused, by its name`, async (t) => {
    const unknown = t.throws(() => make({ zzzzzzzz: 1 }), { instanceOf: LapicqueError });
    t.true(unknown!.message.startsWith(`unknown option of loss ${kind} "zzzzzzzz"`), unknown!.message);
    for (const { name, options } of hostile(lossForms[kind]!, {})) {
      const error = t.throws(
        () => make(options),
        { instanceOf: LapicqueError },
        `${name}: ${String(options[name])}`,
      );
      t.true(error!.message.includes(`loss.${name}`), error!.message);
      // Plain data are checked in the same way.
      await t.throwsAsync(async () => evaluateLoss({ kind, ...options } as Loss, passOutputs, labels), {
        instanceOf: LapicqueError,
      });
    }
  });
}
