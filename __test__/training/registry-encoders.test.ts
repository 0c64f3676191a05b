// Every encoder that there is, whichever these are: shapes, the same spikes again, and what is wrong is refused.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { encoders } from '../../src-ts/codes/encoder-forms.generated.ts';
import { type Encoded, encode, type ShapedData } from '../../src-ts/doors/data.ts';
import { LapicqueError } from '../../src-ts/index.ts';
import { hostile } from '../support/hostile-options.ts';

type Any = (data: ShapedData, options: object) => Promise<Encoded | Float32Array>;
const all = Object.values(encoders);
const call = (name: string, data: ShapedData, options: object) =>
  (encode as unknown as Record<string, Any>)[name]!(data, options);

/** What must be given, by its name. */
const needed: Record<string, unknown> = { steps: 9, filter: [0.5, 0.25], window: 2 };
function complete({ time, form }: (typeof all)[number]): Record<string, unknown> {
  const names: readonly string[] = 'needed' in form ? form.needed : [];
  const required = Object.fromEntries(names.map((name) => [name, needed[name]]));
  return 'steps' in form.options && time !== 'first-axis'
    ? { ...required, steps: 9, ...latency(form) }
    : required;
}
/** Times that fit into the steps. */
const latency = (form: object) =>
  'normalize' in (form as { options: object }).options ? { normalize: true } : {};

const data = { x: Float32Array.from({ length: 24 }, (_, i) => ((i * 37) % 41) / 41), shape: [4, 6] };

test('each is a function of `encode`', (t) => {
  t.deepEqual(Object.keys(encode), Object.keys(encoders));
});

for (const encoder of all) {
  const { name, time, draws, form } = encoder;

  test(`${name}: shape, and the same again`, async (t) => {
    const seed = draws ? { seed: 3 } : {};
    const made = await call(name, data, { ...complete(encoder), ...seed });
    if (made instanceof Float32Array) {
      t.is(time, 'none');
      t.is(made.length, 24);
    } else {
      t.is(
        made.shape.reduce<number>((product, size) => product * size, 1),
        made.x.length,
      );
      t.deepEqual(made.shape.slice(0, 3), time === 'first-axis' ? [4, 6] : [9, 4, 6]);
      t.is(made.steps, made.shape[0]!);
    }
    t.deepEqual(await call(name, data, { ...complete(encoder), ...seed }), made);
  });

  test(`${name}: what is wrong is refused, by its name`, async (t) => {
    const refused = async (shaped: unknown, options: object, message: RegExp) => {
      const error = await t.throwsAsync(async () => call(name, shaped as ShapedData, options), {
        instanceOf: LapicqueError,
      });
      t.regex(error!.message, message);
    };
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      await refused({ x: data.x.with(7, bad), shape: [4, 6] }, complete(encoder), /\[7\]/);
    }
    await refused({ x: data.x, shape: [5, 6] }, complete(encoder), /data/);
    await refused({ x: new Float64Array(24), shape: [4, 6] }, complete(encoder), /x/);
    await refused(undefined, complete(encoder), /data/);
    await refused(
      data,
      { ...complete(encoder), zzzzzzzz: 1 },
      new RegExp(`unknown option of encode.${name} "zzzzzzzz"`),
    );
    if (!draws) await refused(data, { ...complete(encoder), seed: 1 }, /seed/);
    for (const { name: option, options } of hostile(form, complete(encoder))) {
      await refused(data, options, new RegExp(option));
    }
  });
}

test('rank order is that of numpy’s stable sort: ties by index', async (t) => {
  const file = '__test__/training/fixtures/encoders/rank-order.json';
  const { cases } = JSON.parse(readFileSync(file, 'utf8'));
  t.true(cases.length > 4);
  for (const { x, shape, options, spikes } of cases) {
    const made = await encode.rankOrder({ x: Float32Array.from(x), shape }, options);
    t.deepEqual(made.shape, [options.steps, ...shape]);
    const [samples, n] = shape;
    const found = [...made.x.keys()].filter((at) => made.x[at] !== 0);
    t.true(found.every((at) => made.x[at] === 1));
    t.deepEqual(
      found.map((at) => [Math.floor(at / (samples * n)), Math.floor(at / n) % samples, at % n]),
      spikes,
    );
  }
});

// HSA, as its paper has it: written out for one channel.
test('hsa takes the filter off the signal wherever it fits', async (t) => {
  const filter = [0.25, 0.5, 0.125];
  const x = Float32Array.from({ length: 40 }, (_, i) => 0.75 + 0.75 * Math.fround(Math.sin(i / 5)));
  const rest = [...x];
  const expected = rest.map((_, at) => {
    const fits = filter.every((h, k) => at + k < rest.length && rest[at + k]! >= h);
    if (fits) {
      filter.forEach((h, k) => {
        rest[at + k]! -= h;
      });
    }
    return fits ? 1 : 0;
  });
  t.true(expected.includes(1));
  const made = await encode.hsa({ x, shape: [40, 1] }, { filter: Float64Array.from(filter) });
  t.deepEqual([...made.x], expected);
});
