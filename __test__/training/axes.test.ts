// Axes in another order are refused wherever data come in: as many elements in another order are other data.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { operations } from '../../src-ts/doors/chip.ts';
import { DataLoader, encode, encodeTargets } from '../../src-ts/doors/data.ts';
import { writeTensors } from '../../src-ts/doors/files.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  conv2d,
  dense,
  flatten,
  type InputTensor,
  input,
  loss,
  Model,
  sequential,
  type TrainingBatch,
} from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';
import { folder, lapicque } from '../support/program.ts';

const image = [2, 6, 5] as const;
const [steps, batch, size] = [3, 4, 60];
const network = sequential(
  input(...image),
  conv2d(2, 3, 3),
  flatten(),
  dense(36, 4),
  lif({ beta: 0.9, name: 'out' }),
);
let model: Model;
test.before(async () => {
  model = await network.compile({ seed: 1 });
});
test.after.always(() => model.dispose());

/** Every other order of the axes, as many elements in fewer axes, and with an axis of 1. */
const wrong = [
  ...[
    [2, 5, 6],
    [6, 2, 5],
    [6, 5, 2],
    [5, 2, 6],
    [5, 6, 2],
  ],
  ...[
    [12, 5],
    [2, 30],
    [60, 1],
    [1, 60],
    [2, 6, 5, 1],
    [1, 2, 6, 5],
  ],
];
const right = [[2, 6, 5], [60]];

const x = Float32Array.from({ length: steps * batch * size }, (_, i) => (i % 7) / 7);
const still = x.slice(0, batch * size);
const y = Uint32Array.from({ length: batch }, (_, i) => i % 4);
const objective = loss.crossEntropyRate();
const inTime = (axes: readonly number[]) => ({ x, shape: [steps, batch, ...axes] });
const constant = (axes: readonly number[]) => ({ x: still, shape: [batch, ...axes] });

/** Whatever takes data: by the axes of a sample. */
const entries: Record<string, (axes: readonly number[]) => Promise<unknown>> = {
  'model.run': (axes) => model.run(inTime(axes)),
  'model.run of a constant input': (axes) => model.run(constant(axes), { steps }),
  'model.predict': (axes) => model.predict(inTime(axes)),
  'model.predict of a constant input': (axes) => model.predict(constant(axes), { steps }),
  'model.forward': (axes) => model.forward(inTime(axes)),
  'model.trainStep': (axes) => model.trainStep({ ...inTime(axes), y }, { loss: objective }),
  'model.trainStep of a loss of one’s own': (axes) =>
    model.trainStep({ ...inTime(axes), y }, { loss: ({ v }) => ({ loss: 0, gradV: v.map(() => 0) }) }),
  'model.profile': (axes) => model.profile({ ...inTime(axes), y }, { loss: objective }),
  'model.evaluateStep': (axes) => model.evaluateStep({ ...inTime(axes), y }, { loss: objective }),
  'model.evaluate': (axes) => model.evaluate([{ ...inTime(axes), y }], { loss: objective }),
  'model.fit': (axes) => model.fit([{ ...inTime(axes), y }], { epochs: 1, loss: objective }),
  'model.fit of a constant input': (axes) =>
    model.fit([{ ...constant(axes), y }], { epochs: 1, loss: objective, steps }),
  'the validation of model.fit': (axes) =>
    model.fit([{ ...inTime([60]), y }], {
      epochs: 1,
      loss: objective,
      validation: [{ ...inTime(axes), y }],
    }),
  'a DataLoader of arrays': (axes) => {
    const data = new DataLoader({ ...constant(axes), y }, { batchSize: 2 });
    return model.fit(data, { epochs: 1, loss: objective, steps });
  },
  'a DataLoader of arrays in time': (axes) => {
    const data = new DataLoader({ ...inTime(axes), y, timeMajor: true }, { batchSize: 2 });
    return model.evaluate(data, { loss: objective });
  },
  'a DataLoader of sequences': (axes) => {
    const source = { x, shape: [batch, steps, ...axes], y, sequences: true };
    return model.fit(new DataLoader(source, { batchSize: 2 }), { epochs: 1, loss: objective });
  },
  'a DataLoader of samples': (axes) => {
    const samples = Array.from(y, (label, i) => {
      return { x: still.slice(i * size, (i + 1) * size), shape: [...axes], y: label };
    });
    return model.fit(new DataLoader(samples, { batchSize: 2 }), { epochs: 1, loss: objective, steps });
  },
  'a DataLoader of sequences one by one': (axes) => {
    const samples = Array.from(y, (label, i) => {
      return { x: x.slice(i * steps * size, (i + 1) * steps * size), shape: [steps, ...axes], y: label };
    });
    const data = new DataLoader(samples, { batchSize: 2, sequences: true });
    return model.evaluate(data, { loss: objective });
  },
  'a transform of a DataLoader': (axes) => {
    const transform = async (sample: { x: Float32Array; shape: readonly number[]; y: Uint32Array }) => ({
      ...(await encode.rate(sample, { steps })),
      y: sample.y,
    });
    const data = new DataLoader({ ...constant(axes), y }, { batchSize: 2, transform });
    return model.fit(data, { epochs: 1, loss: objective });
  },
  'encode.rate': async (axes) => model.run(await encode.rate(constant(axes), { steps })),
  'encode.rate in time': async (axes) => model.run(await encode.rate(inTime(axes))),
  'encode.poisson': async (axes) => model.run(await encode.poisson(constant(axes), { steps })),
  'encode.latency': async (axes) =>
    model.run(await encode.latency(constant(axes), { steps, normalize: true })),
  'encode.delta': async (axes) => model.run(await encode.delta(inTime(axes))),
  'encode.direct': async (axes) => model.run(await encode.direct(constant(axes), { steps })),
  operations: (axes) => operations(model, inTime(axes)),
};

for (const [name, entry] of Object.entries(entries)) {
  test.serial(`${name}: axes in another order are refused, and both shapes told`, async (t) => {
    for (const axes of wrong) {
      const message = await outcome(() => entry(axes));
      t.regex(
        message,
        /^shape-mismatch: input: expected shape \[(time, )?batch, 2, 6, 5\]/,
        `${axes}: ${message}`,
      );
      t.regex(message, /because input\(2, 6, 5\) was given, or flat \[(time, )?batch, 60\]/);
      t.true(message.endsWith(`${axes.join(', ')}]`), message);
    }
    for (const axes of right) t.regex(await outcome(() => entry(axes)), /^succeeded/);
  });
}

test('every method of a model is an entry of data, or takes none', (t) => {
  const none = [
    ...[
      'constructor',
      'native',
      'parameterCount',
      'outputs',
      'summary',
      'step',
      'weights',
      'clearGradients',
      'restState',
    ],
    ...[
      'gradients',
      'gradientNorms',
      'setWeights',
      'setTensors',
      'weightsSha256',
      'estimate',
      'session',
      'withSurrogates',
    ],
    ...['currentDescription', 'save', 'dispose', 'importWeights', 'toBytes', 'metadata'],
    // Behind trainStep and forward.
    ...['prepareSteps', 'forwardCounted'],
  ];
  const names = Object.getOwnPropertyNames(Model.prototype);
  const taken = Object.keys(entries).map((entry) => entry.replace(/^model\.(\w+).*/, '$1'));
  t.deepEqual(
    names.filter((name) => !none.includes(name) && !taken.includes(name)),
    [],
  );
});

test.serial('a session takes flat values of all channels only', async (t) => {
  using session = await model.session();
  for (const values of [new Float32Array(59), new Float64Array(61), new Float32Array(30)]) {
    t.regex(await outcome(() => session.push(values)), /^shape-mismatch: input/);
  }
  const shaped = { x: new Float32Array(60), shape: [6, 5, 2] };
  t.regex(await outcome(() => session.push(shaped as never)), /^invalid-parameter: events/);
  t.regex(await outcome(() => session.pushAsync([shaped as never])), /^invalid-parameter: events/);
  session.push(new Float32Array(60));
});

test.serial('flat data and data with the axes of the network are the same', async (t) => {
  const [flat, shaped] = await Promise.all([model.run(inTime([60])), model.run(inTime([2, 6, 5]))]);
  t.deepEqual(flat.v, shaped.v);
});

test('without an image several axes are read in their order', async (t) => {
  using plain = await sequential(dense(60, 3), li({ beta: 0.5 })).compile();
  const flat = await plain.run(inTime([60]));
  t.deepEqual((await plain.run(inTime([6, 5, 2]))).v, flat.v);
  t.regex(
    await outcome(() => plain.run(inTime([6, 5, 3]))),
    /^shape-mismatch: input: expected shape \[3, 4, 60\]/,
  );
});

test.serial('the command line refuses them too', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  await model.save(join(path, 'model.safetensors'));
  const cases = { turned: [6, 5, 2], flat: [60], right: [2, 6, 5] };
  for (const [name, axes] of Object.entries(cases)) {
    await writeTensors(join(path, `${name}.npy`), { input: { shape: [steps, batch, ...axes], data: x } });
    await writeTensors(join(path, `${name}.safetensors`), {
      x: { shape: [batch, ...axes], data: still },
      y: { shape: [batch], data: y },
    });
    const layers = [
      { kind: 'input', shape: [...image] },
      { kind: 'conv2d', inputs: 2, outputs: 3, kernel: 3 },
      { kind: 'flatten' },
      { kind: 'dense', inputs: 36, outputs: 4 },
      { kind: 'lif', beta: 0.9 },
    ];
    const data = { kind: 'tensors', path: `${name}.safetensors` };
    const recipe = { layers, data, loss: { kind: 'cross-entropy-rate' }, epochs: 1, steps };
    await writeFile(join(path, `${name}.json`), JSON.stringify(recipe));
  }
  const commands = (name: string) => [
    ['run', 'model.safetensors', '--input', `${name}.npy`],
    ['inspect', 'model.safetensors', '--input', `${name}.npy`],
    ['train', `${name}.json`],
  ];
  for (const command of commands('turned')) {
    const { code, stderr } = await lapicque(command, path);
    t.is(code, 1, `${command}: ${stderr}`);
    t.regex(stderr, /expected shape \[(time, )?batch, 2, 6, 5\] because input\(2, 6, 5\) was given/);
  }
  for (const name of ['flat', 'right'])
    for (const command of commands(name)) {
      const { code, stderr } = await lapicque(command, path);
      t.is(code, 0, `${command}: ${stderr}`);
    }
});

// Targets.
const values = (count: number) => Float32Array.from({ length: count }, (_, i) => (i % 5) / 5);
const ofMembrane = loss.meanSquaredMembrane();
const each = loss.crossEntropyMembrane();
const labels = Uint32Array.from({ length: steps * batch }, (_, i) => i % 4);
const step = (changes: Partial<TrainingBatch>, by = ofMembrane, data: InputTensor = inTime([60])) =>
  outcome(() => model.trainStep({ ...data, y, ...changes } as TrainingBatch, { loss: by }));

test.serial('targets whose shape is told are compared with it', async (t) => {
  const [all, one] = [values(steps * batch * 4), values(batch * 4)];
  for (const yShape of [[steps, batch, 4]]) t.regex(await step({ y: all, yShape }), /^succeeded/);
  for (const yShape of [[batch, 4]]) t.regex(await step({ y: one, yShape }), /^succeeded/);
  for (const yShape of [[batch, steps, 4], [4, batch, steps], [steps * batch, 4], [48]])
    t.regex(
      await step({ y: all, yShape }),
      /^shape-mismatch: targets: expected shape \[3, 4, 4\]/,
      `${yShape}`,
    );
  for (const yShape of [[2, 8], [16], [1, 4, 4]])
    t.regex(await step({ y: one, yShape }), /^shape-mismatch: targets/);
  t.regex(await step({ y: labels, yShape: [steps, batch] }, each), /^succeeded/);
  t.regex(
    await step({ y: labels, yShape: [batch, steps] }, each),
    /^shape-mismatch: targets: expected shape \[3, 4\]/,
  );
  t.regex(await step({ y, yShape: [2, 2] }, each), /^shape-mismatch: targets/);
  t.regex(await step({ y, yShape: [5] }, each), /^shape-mismatch: batch.y/);
  const encoded = await encodeTargets(y, 4, { code: 'rate', steps });
  t.regex(await step({ y: encoded.x, yShape: encoded.shape }), /^succeeded/);
});

test.serial(
  'a loader tells what its targets are, so that [sample, time, …] is not taken for [time, sample, …]',
  async (t) => {
    // As many steps as samples: only who stacked them knows.
    const square = { x: values(3 * 3 * size), shape: [3, 3, size], sequences: true };
    const perStep = values(3 * 3 * 4);
    const train = (source: object, by = ofMembrane) => {
      const data = new DataLoader({ ...square, ...source } as never, { batchSize: 3 });
      return outcome(() => model.fit(data as never, { epochs: 1, loss: by }));
    };
    t.regex(await train({ y: perStep, yShape: [3, 3, 4] }), /^shape-mismatch: targets: .*ySequences/);
    t.regex(await train({ y: perStep, yShape: [3, 12] }), /^shape-mismatch: targets/);
    t.regex(await train({ y: perStep, yShape: [3, 3, 4], ySequences: true }), /^succeeded/);
    t.regex(await train({ y: perStep, yShape: [3, 3, 4], yTimeMajor: true }), /^succeeded/);
    const of = Uint32Array.from({ length: 9 }, (_, i) => i % 4);
    t.regex(await train({ y: of, yShape: [3, 3] }, each), /^shape-mismatch: targets: .*ySequences/);
    t.regex(await train({ y: of, yShape: [3, 3], ySequences: true }, each), /^succeeded/);

    const samples = Array.from({ length: 3 }, (_, i) => ({
      x: values(3 * size),
      shape: [3, size],
      y: perStep.slice(12 * i, 12 * (i + 1)),
    }));
    const fitted = (ySequences: boolean) => {
      const data = new DataLoader(samples, { batchSize: 3, sequences: true, ySequences });
      return outcome(() => model.fit(data as never, { epochs: 1, loss: ofMembrane }));
    };
    t.regex(await fitted(false), /^shape-mismatch: targets: .*ySequences/);
    t.regex(await fitted(true), /^succeeded/);
  },
);
