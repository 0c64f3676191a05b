// Every operation that has a definition in the engine, by the cases of its definition: gradients against central differences, sessions, files,
// threads, spikes as bytes and as numbers, and values that no parameter can have. A new operation needs no line here.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Description } from '../../src-ts/doors/files.ts';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import { type Layer, loss, Model, type Network, setThreads } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import * as lapicque from '../support/library.ts';
import { random, spikes, uniform } from '../support/numbers.ts';

interface Param {
  name: string;
  field: string;
  kind: { is: string; axes?: number; values?: string[] };
  fallback: { is: string };
  positional: boolean;
}
interface Factory {
  name: string;
  axes: number;
  cases: { input: number[]; arguments: unknown[] }[];
}
interface Definition {
  kind: string;
  keepsShape: boolean;
  trainsOtherwise: boolean;
  params: Param[];
  factories: Factory[];
}
/** A function of an operation. */
interface Operation extends Definition {
  factory: Factory;
}

const operations = (JSON.parse(unwrap(addon.describeOperations())) as Definition[]).flatMap((definition) =>
  definition.factories
    .filter(({ cases }) => cases.length > 0)
    .map((factory): Operation => ({ ...definition, factory })),
);
const factories = lapicque as unknown as Readonly<Record<string, (...args: unknown[]) => Layer>>;
const sequential = lapicque.sequential as (...layers: readonly Layer[]) => Network;
const { input, li, lif } = lapicque;

const [T, B] = [3, 2];
const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

function layerOf({ factory }: Operation, args: readonly unknown[]): Layer {
  return factories[factory.name]!(...args);
}

/** A network whose loss is smooth, with the layer between two others, so that its values and those of its source are gradients too. */
const smooth = (shape: readonly number[], layer: Layer) =>
  sequential(input(...shape), li({ beta: 0.6 }), layer, li({ beta: 0.7 }));

async function difference(
  values: Float64Array,
  index: number,
  evaluate: (changed: Float64Array) => Promise<number>,
) {
  const [at, step] = [values[index]!, 1e-5];
  const [above, below] = [Float64Array.from(values), Float64Array.from(values)];
  above[index] = at + step;
  below[index] = at - step;
  return ((await evaluate(above)) - (await evaluate(below))) / (2 * step);
}

/** Compares the gradients of a network around the layer with central differences. */
async function differences(
  t: ExecutionContext,
  operation: Operation,
  shape: readonly number[],
  args: readonly unknown[],
) {
  const size = count(shape);
  using model = await smooth(shape, layerOf(operation, args)).compile({ precision: 'f64', seed: 2 });
  const outputs = model.info.layers.at(-1)!.neurons;
  const x = Float64Array.from(uniform(T * B * size, 3, -1, 1));
  const batch = { x, shape: [T, B, size], y: Float64Array.from(uniform(T * B * outputs, 4)) };
  const options = { loss: loss.meanSquaredMembrane() };
  // Away from factors of 1 and offsets of 0.
  const weights = Object.entries(await model.weights()).map(([key, values], n) => [
    key,
    Float64Array.from(uniform(values.length, 5 + n, 0.2, 1)),
  ]);
  await model.setWeights(Object.fromEntries(weights));
  const report = await model.trainStep(batch, { ...options, inputGradient: true });
  const evaluate = async (changed: Float64Array) =>
    (await model.evaluateStep({ ...batch, x: changed }, options)).loss;
  const close = (analytic: number, numeric: number, what: string) =>
    t.true(
      Math.abs(analytic - numeric) <= 1e-6 * Math.max(Math.abs(numeric), 1e-3),
      `${what}: ${analytic}, by differences ${numeric}`,
    );
  const next = random(9);
  for (let n = 0; n < 12; n++) {
    const index = Math.floor(next() * x.length);
    close(report.inputGradient![index]!, await difference(x, index, evaluate), `input[${index}]`);
  }
  const gradients = await model.gradients();
  for (const [parameter, values] of Object.entries(await model.weights())) {
    for (let n = 0; n < 12; n++) {
      const index = Math.floor(next() * values.length);
      const numeric = await difference(values as Float64Array, index, async (changed) => {
        await model.setWeights({ [parameter]: changed });
        return evaluate(x);
      });
      close(gradients[parameter]![index]!, numeric, `${parameter}[${index}]`);
    }
    await model.setWeights({ [parameter]: values });
  }
}

test('every operation with a function is exported under its name', (t) => {
  t.true(operations.length > 0);
  for (const { factory } of operations) t.is(typeof factories[factory.name], 'function', factory.name);
});

for (const operation of operations) {
  for (const [i, { input: shape, arguments: args }] of operation.factory.cases.entries()) {
    const name = `${operation.factory.name}, case ${i}`;
    const size = count(shape);

    // What training computes otherwise than a run, such as dropout, has gradient tests of its own.
    if (!operation.trainsOtherwise) {
      test(`${name}: gradients are those of central differences`, (t) =>
        differences(t, operation, shape, args));
    }

    test(`${name}: a session, a file and any number of threads give the same bits`, async (t) => {
      const layer = layerOf(operation, args);
      // The second reads spikes, where the shapes allow one.
      const twice = [lif({ beta: 0.7, vThreshold: 0.3, name: 'between' }), layer];
      const used = sequential(
        input(...shape),
        layer,
        ...(operation.keepsShape ? twice : []),
        li({ beta: 0.8 }),
      );
      const samples = 19;
      const byKind = { spikes: spikes(T * samples * size, 6), values: uniform(T * samples * size, 7) };
      for (const [kind, x] of Object.entries(byKind)) {
        const hashes: string[] = [];
        for (const threads of [1, 2]) {
          setThreads(threads);
          using model = await used.compile({ seed: 3 });
          const outputs = model.info.layers.at(-1)!.neurons;
          const batch = { x, shape: [T, samples, size], y: uniform(T * samples * outputs, 8) };
          for (let step = 0; step < 2; step++) {
            await model.trainStep(batch, {
              loss: loss.meanSquaredMembrane(),
              optimizer: { kind: 'adam', lr: 0.01 },
            });
          }
          hashes.push(await model.weightsSha256());
          const { v } = await model.run(batch);
          if (kind === 'spikes') {
            const numbers = await model.run({ ...batch, x: Float32Array.from(x) });
            t.deepEqual(numbers.v, v, 'spikes as numbers');
          }
          using session = await model.session();
          const sample = 17;
          for (let step = 0; step < T; step++) {
            const row = x.subarray((step * samples + sample) * size, (step * samples + sample + 1) * size);
            session.push(
              row instanceof Uint8Array
                ? Uint32Array.from(row.keys()).filter((n) => row[n] === 1)
                : Float32Array.from(row),
            );
            const first = (step * samples + sample) * outputs;
            t.deepEqual(session.membrane(), v.slice(first, first + outputs) as Float32Array, 'a session');
          }
          if (threads === 2) {
            const folder = await mkdtemp(join(tmpdir(), 'lapicque-'));
            try {
              const file = join(folder, 'model.safetensors');
              await model.save(file);
              using loaded = await Model.load(file);
              t.deepEqual(loaded.description, model.description);
              t.is(await loaded.weightsSha256(), hashes.at(-1)!);
              t.deepEqual((await loaded.run(batch)).v, v, 'a file');
            } finally {
              await rm(folder, { recursive: true });
            }
          }
        }
        setThreads(2);
        t.is(hashes[0], hashes[1], `threads, ${kind}`);
      }
    });
  }

  const [{ input: shape, arguments: args }] = operation.factory.cases as [
    { input: number[]; arguments: unknown[] },
  ];
  const { name } = operation.factory;
  const positional = operation.params.filter((param) => param.positional);
  const hostile = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    0,
    2 ** 53,
    '1',
    null,
    {},
    [],
    [1, 2],
    Symbol.iterator,
    () => 1,
  ];

  test(`${name}: no value is taken for an argument that it cannot be`, async (t) => {
    for (const param of operation.params) {
      for (const wrong of hostile) {
        const position = positional.indexOf(param);
        const callArgs =
          position < 0
            ? [...args.slice(0, positional.length), { [param.name]: wrong }]
            : [...args.slice(0, position), wrong, ...args.slice(position + 1, positional.length)];
        const error = await failure(async () => {
          using _ = await sequential(
            input(...shape),
            layerOf(operation, callArgs),
            li({ beta: 0.5 }),
          ).compile();
        });
        // 0 and -1 may be right, of a padding or a flag's place; two numbers are right of a window or a shape.
        const isPair = Array.isArray(wrong) && wrong.length === 2;
        const isRight =
          (isPair && param.kind.is === 'axes' && operation.factory.axes === 2) ||
          (isPair && param.kind.is === 'shape');
        if (error === undefined)
          t.true(typeof wrong === 'number' || isRight, `${param.name}: ${String(wrong)}`);
        else {
          t.true(
            ['invalid-parameter', 'unknown-name', 'shape-mismatch', 'too-large'].includes(error.code),
            error.message,
          );
        }
      }
    }
    const other = await failure(() => layerOf(operation, [...args.slice(0, positional.length), { zzzz: 1 }]));
    t.is(other?.code, 'unknown-name');
  });

  test(`${name}: an edited description is refused by its path`, async (t) => {
    const { description } = sequential(input(...shape), layerOf(operation, args), li({ beta: 0.5 }));
    const node = description.nodes.findIndex(({ kind }) => kind === operation.kind);
    const compiled = (change: (fields: Record<string, unknown>) => void) =>
      failure(async () => {
        const edited = structuredClone(description) as unknown as { nodes: Record<string, unknown>[] };
        change(edited.nodes[node]!);
        using _ = await lapicque.compile(edited as unknown as Description);
      });
    t.is(await compiled(() => {}), undefined);
    for (const { field } of operation.params) {
      for (const wrong of ['text', {}, [[]], -1, 1.5, 1e300]) {
        const error = await compiled((fields) => Object.assign(fields, { [field]: wrong }));
        if (error === undefined) t.true(typeof wrong === 'number', `${field}: ${String(wrong)}`);
        else
          t.true(
            ['invalid-parameter', 'unknown-name', 'shape-mismatch', 'too-large'].includes(error.code),
            error.message,
          );
      }
    }
    const unknown = await compiled((fields) => Object.assign(fields, { zzzz: 1 }));
    t.is(unknown?.code, 'unknown-name');
    t.regex(unknown!.message, new RegExp(`network\\.nodes\\[${node}\\] "zzzz"`));
    const missing = operation.params.find(({ fallback }) => fallback.is === 'needed');
    if (missing !== undefined) {
      const error = await compiled((fields) => delete fields[missing.field]);
      t.is(error?.message, `network.nodes[${node}].${missing.field}: expected a value but got nothing`);
    }
  });
}
