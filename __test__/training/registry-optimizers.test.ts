// Every optimizer that there is, whichever these are: it trains, its state survives a checkpoint, and what is wrong is refused.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  dense,
  LapicqueError,
  loadCheckpoint,
  loss,
  type Optimizer,
  sequential,
} from '../../src-ts/index.ts';
import { optimizerForms } from '../../src-ts/train/optimizer-forms.generated.ts';
import { hostile } from '../support/hostile-options.ts';
import * as lapicque from '../support/library.ts';
import { labels, uniform } from '../support/numbers.ts';

const kinds = Object.keys(optimizerForms);
const make = (kind: string, options: object): Optimizer =>
  (lapicque as unknown as Record<string, (options: object) => Optimizer>)[kind]!(options);
const neededOf = (kind: string) =>
  Object.fromEntries((optimizerForms[kind]!.needed ?? []).map((name) => [name, 0.05]));

/** Options under which an optimizer keeps all that it can keep. */
function fullest(kind: string): object {
  const { options } = optimizerForms[kind]!;
  const set = { lr: 0.01, momentum: 0.9, centered: true, weightDecay: 0.01 };
  return Object.fromEntries(Object.entries(set).filter(([name]) => name in options));
}

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapicque-every-optimizer-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

const [samples, channels, classes, steps] = [24, 6, 3, 5];
const [x, y] = [uniform(samples * channels, 1, 0, 1), labels(samples, 2, classes)];
const network = sequential(dense(channels, 8), lif({ beta: 0.9 }), dense(8, classes), li({ beta: 0.9 }));
const objective = { steps, loss: loss.crossEntropyMeanMembrane() };
const loader = () => new DataLoader({ x, y, shape: [samples, channels] }, { batchSize: 12, seed: 7 });

for (const kind of kinds) {
  test(`${kind}: the loss falls`, async (t) => {
    using model = await network.compile({ seed: 1 });
    const optimizer = make(kind, { lr: kind === 'sgd' ? 0.1 : 0.005 });
    const { history } = await model.fit(loader(), { ...objective, optimizer, epochs: 15 });
    t.true(history.at(-1)!.loss < 0.9 * history[0]!.loss, `${history[0]!.loss} to ${history.at(-1)!.loss}`);
  });

  test(`${kind}: two epochs and two more are four`, async (t) => {
    const work = { ...objective, optimizer: make(kind, fullest(kind)) };
    using whole = await network.compile({ seed: 3 });
    await whole.fit(loader(), { ...work, epochs: 4 });
    using first = await network.compile({ seed: 3 });
    const path = join(folder, `${kind}.safetensors`);
    await first.fit(loader(), { ...work, epochs: 2, checkpoint: { path } });
    const { model, training } = await loadCheckpoint(path);
    using second = model;
    await second.fit(loader(), { ...work, epochs: 4, resume: training! });
    t.is(await second.weightsSha256(), await whole.weightsSha256());
    t.not(await second.weightsSha256(), await first.weightsSha256());
    // Also with other surrogates, whose network is another.
    using third = await (await loadCheckpoint(path)).model.withSurrogates({});
    await third.fit(loader(), { ...work, epochs: 4, resume: training! });
    t.is(await third.weightsSha256(), await whole.weightsSha256());
    const other = kinds.find((each) => each !== kind)!;
    await t.throwsAsync(
      second.fit(loader(), {
        ...objective,
        optimizer: make(other, neededOf(other)),
        epochs: 4,
        resume: training!,
      }),
      { instanceOf: LapicqueError, message: /optimizer/ },
    );
  });

  test(`${kind}: what is wrong is refused, by its name`, async (t) => {
    const needed = neededOf(kind);
    t.is(make(kind, needed).kind as string, kind);
    const unknown = t.throws(() => make(kind, { ...needed, zzzzzzzz: 1 }), { instanceOf: LapicqueError });
    t.true(unknown!.message.startsWith(`unknown option of optimizer ${kind} "zzzzzzzz"`), unknown!.message);
    for (const name of Object.keys(needed)) {
      t.throws(() => make(kind, {}), {
        instanceOf: LapicqueError,
        message: new RegExp(`optimizer\\.${name}`),
      });
    }
    for (const { name, options } of hostile(optimizerForms[kind]!, needed)) {
      const error = t.throws(
        () => make(kind, options),
        { instanceOf: LapicqueError },
        `${name}: ${String(options[name])}`,
      );
      t.true(error!.message.includes(`optimizer.${name}`), error!.message);
    }
    // Ranges are the engine's.
    using model = await network.compile({ seed: 1 });
    const before = await model.weightsSha256();
    const batch = { x: x.slice(0, channels), y: y.slice(0, 1), shape: [1, channels] };
    for (const options of [{ lr: -1 }, { weightDecay: -1 }, { maxNorm: 0 }]) {
      const optimizer = make(kind, { ...needed, ...options });
      await t.throwsAsync(model.trainStep(batch, { ...objective, optimizer }), { instanceOf: LapicqueError });
    }
    t.is(await model.weightsSha256(), before);
  });
}
