// Language models: text as numbers, windows of it, a label for every step, and text generated in return.
import { join } from 'node:path';
import test from 'ava';
import { DataLoader, tokenWindows, vocabulary } from '../../src-ts/doors/data.ts';
import { li } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  dense,
  embedding,
  evaluateLoss,
  generate,
  loss,
  Model,
  sequential,
} from '../../src-ts/index.ts';
import { failure, outcome } from '../support/errors.ts';
import { folder, json, lapicque } from '../support/program.ts';
import { countTurns } from '../support/turns.ts';

test('a vocabulary numbers the characters of a text', (t) => {
  const tokens = vocabulary('abracadabra 𝛽\u{ffee}');
  // By code point, not by UTF-16 unit.
  t.deepEqual(tokens.tokens, [' ', 'a', 'b', 'c', 'd', 'r', '\u{ffee}', '𝛽']);
  t.is(tokens.size, 8);
  t.deepEqual(tokens.encode('bar𝛽'), Uint32Array.of(2, 1, 5, 7));
  t.is(tokens.decode([2, 1, 5, 7]), 'bar𝛽');
  t.deepEqual(vocabulary(['z', 'a']).encode('az'), Uint32Array.of(1, 0));
});

test('what a vocabulary does not know is named with its place', async (t) => {
  const tokens = vocabulary('abc');
  const message = async (f: () => unknown) => (await failure(async () => f()))?.message;
  t.is(
    await message(() => tokens.encode('abd')),
    'text[2]: expected one of the 3 characters of the vocabulary but got "d"',
  );
  t.is(await message(() => tokens.decode([0, 3])), 'numbers[1]: expected an integer from 0 to 2 but got 3');
  t.is(await message(() => vocabulary('')), 'vocabulary: expected a string that is not empty but got ""');
  t.is(
    await message(() => vocabulary(['a', 'bc'])),
    'vocabulary[1]: expected a single character but got "bc"',
  );
  t.regex((await message(() => vocabulary(['a', 'a']))) ?? '', /^vocabulary\[1\]: expected a character that/);
});

test('windows give each token the one behind it, time first', async (t) => {
  const tokens = Uint32Array.from({ length: 23 }, (_, i) => (i * 7) % 11);
  const source = tokenWindows(tokens, { steps: 5, stride: 4 });
  t.deepEqual(source.shape, [5, 5, 1]);
  const loader = new DataLoader(source, { batchSize: 2, shuffle: true, seed: 3 });
  const seen: number[] = [];
  for await (const { x, y, shape, size, indices } of loader) {
    t.deepEqual(shape, [5, size, 1]);
    t.is(y.length, 5 * size);
    indices.forEach((window, sample) => {
      seen.push(window);
      for (let step = 0; step < 5; step++) {
        t.is(x[step * size + sample], tokens[window * 4 + step]!);
        t.is(y[step * size + sample], tokens[window * 4 + step + 1]!);
      }
    });
  }
  t.deepEqual(seen.sort(), [0, 1, 2, 3, 4]);
  const short = await failure(async () => tokenWindows(tokens, { steps: 23 }));
  t.regex(short?.message ?? '', /^tokens: expected at least 24 tokens/);
});

test('a cross-entropy takes a label for every step', async (t) => {
  const [steps, batch, neurons] = [3, 2, 4];
  const v = Float32Array.from({ length: steps * batch * neurons }, (_, i) => ((i * 37) % 17) / 5);
  const labels = Uint32Array.of(0, 3, 2, 2, 1, 0);
  const rows = Array.from(labels, (label, row) => {
    const logits = [...v.subarray(row * neurons, (row + 1) * neurons)];
    return Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0)) - logits[label]!;
  });
  const result = await evaluateLoss(
    loss.crossEntropyMembrane(),
    { v, shape: [steps, batch, neurons] },
    labels,
  );
  t.true(Math.abs(result.loss - rows.reduce((sum, x) => sum + x, 0) / 6) < 1e-6);
  const outputs = { v, shape: [steps, batch, neurons] } as const;
  const wrong = await failure(() => evaluateLoss(loss.crossEntropyMeanMembrane(), outputs, labels));
  t.is(wrong?.message, 'targets: expected shape [2] but got [6]');
});

/** A model of the next character given the last: its weights are the logarithms of the probabilities. */
async function bigram(tokens: string, probabilities: readonly (readonly number[])[]): Promise<Model> {
  const n = tokens.length;
  const model = await sequential(embedding(n, n), dense(n, n, { bias: false }), li({ beta: 0 })).compile({
    vocabulary: [...tokens],
  });
  await model.setWeights({
    'embedding1.weight': Float32Array.from(probabilities.flat(), Math.log),
    'dense1.weight': Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
  });
  return model;
}

const chances = [
  [0.1, 0.8, 0.1],
  [0.2, 0.2, 0.6],
  [0.9, 0.05, 0.05],
];

async function text(model: Model, options: Parameters<typeof generate>[1]): Promise<string> {
  let all = '';
  for await (const character of generate(model, options)) all += character;
  return all;
}

test('text is drawn with the probabilities of the model', async (t) => {
  using model = await bigram('abc', chances);
  t.is(await text(model, { prompt: 'a', length: 7, temperature: 0 }), 'bcabcab');
  const long = await text(model, { prompt: 'a', length: 6000, seed: 5 });
  t.is(await text(model, { prompt: 'a', length: 6000, seed: 5 }), long);
  t.not(await text(model, { prompt: 'a', length: 100, seed: 6 }), long.slice(0, 100));
  const wild = await text(model, { prompt: 'a', length: 6000, temperature: 2, seed: 5 });
  for (const [sampledText, flatten] of [
    [long, 1],
    [wild, 2],
  ] as const) {
    chances.forEach((row, from) => {
      const weights = row.map((p) => p ** (1 / flatten));
      const total = weights.reduce((sum, w) => sum + w, 0);
      const after = [...sampledText].slice(1).filter((_, i) => sampledText[i] === 'abc'[from]);
      weights.forEach((weight, to) => {
        const share = after.filter((c) => c === 'abc'[to]).length / after.length;
        // Some 2000 draws: four standard deviations are below 0.045.
        t.true(Math.abs(share - weight / total) < 0.045, `${from} to ${to}: ${share} of ${weight / total}`);
      });
    });
  }
});

test('half a character is none', async (t) => {
  const half = '😀'.slice(0, 1);
  t.regex(
    await outcome(() => vocabulary(`a${half}`)),
    /^invalid-parameter: vocabulary: .*halves of characters/,
  );
  t.regex(
    await outcome(() => vocabulary(['a', half])),
    /^invalid-parameter: vocabulary\[1\]: expected a single character/,
  );
  const network = sequential(embedding(2, 2), dense(2, 2), li({ beta: 0 }));
  t.regex(
    await outcome(() => network.compile({ vocabulary: ['a', half] })),
    /^invalid-parameter: vocabulary\[1\]/,
  );
  t.deepEqual(vocabulary('a😀').tokens, ['a', '😀']);
});

test('a signal that is none', async (t) => {
  using model = await bigram('abc', chances);
  for (const signal of [{}, 'x', 5, null]) {
    const written = generate(model, { length: 1, signal: signal as never });
    t.regex(await outcome(() => written.next()), /^invalid-parameter: (generate\.)?signal/);
  }
});

test('a loop ends when it is left, and when its signal fires', async (t) => {
  using model = await bigram('abc', chances);
  let count = 0;
  for await (const _ of generate(model)) if (++count === 10) break;
  t.is(count, 10);
  const controller = new AbortController();
  const stopped = await failure(async () => {
    for await (const _ of generate(model, { signal: controller.signal })) controller.abort();
  });
  t.is(stopped?.code, 'aborted');
});

test('a long prompt leaves others their turn, and its reading can be canceled', async (t) => {
  using model = await bigram('abc', chances);
  const prompt = 'abc'.repeat(100_000);
  using loop = countTurns();
  // Likeliest after c is a.
  t.is(await text(model, { prompt, length: 2, temperature: 0 }), 'ab');
  t.true(loop.turns > 5, `${loop.turns} turns`);

  const controller = new AbortController();
  setImmediate(() => controller.abort());
  const written = text(model, { prompt, length: 0, signal: controller.signal });
  t.is((await failure(() => written))?.code, 'aborted');
  const before = text(model, { prompt: 'a', length: 0, signal: AbortSignal.abort() });
  t.is((await failure(() => before))?.code, 'aborted');
});

test('a vocabulary is kept in the file, and checked', async (t) => {
  const path = join(await folder((remove) => t.teardown(remove)), 'model.safetensors');
  using model = await bigram('abc', chances);
  await model.save(path);
  using loaded = await Model.load(path);
  t.deepEqual(loaded.description.vocabulary, ['a', 'b', 'c']);
  const layers = [embedding(3, 2), dense(2, 3), li({ beta: 0 })] as const;
  const wrong = await failure(() => sequential(...layers).compile({ vocabulary: ['a', 'b'] }));
  t.is(wrong?.message, 'vocabulary: expected 3, one for each neuron of the output but got 2 tokens');
  using plain = await sequential(...layers).compile();
  const none = await failure(() => text(plain, { length: 1 }));
  t.is(none?.message.split(' but')[0], 'model: expected a language model: one compiled with a vocabulary');
  const strange = await failure(() => text(model, { prompt: 'abd', length: 1 }));
  t.is(strange?.message, 'prompt[2]: expected one of the 3 characters of the vocabulary but got "d"');
});

test('the command line generates text', async (t) => {
  const path = join(await folder((remove) => t.teardown(remove)), 'model.safetensors');
  using model = await bigram('abc', chances);
  await model.save(path);
  const options = ['--prompt', 'ab', '--length', '20', '--seed', '4'];
  const own = await text(model, { prompt: 'ab', length: 20, seed: 4 });
  const { code, stdout } = await lapicque(['generate', path, ...options]);
  t.is(code, 0);
  t.is(stdout, `ab${own}\n`);
  const output = await json(['generate', path, ...options]);
  t.is(output.text, own);
  const wrong = await lapicque(['generate', path, '--prompt', 'abd']);
  t.is(wrong.code, 2);
  t.regex(
    wrong.stderr,
    /^lapicque: --prompt\[2\]: expected one of the 3 characters of the vocabulary but got "d"/,
  );
  const hot = await lapicque(['generate', path, '--temperature', '-1']);
  t.is(hot.code, 2);
});

test('a model learns the next character', async (t) => {
  const tokens = vocabulary('abcd');
  // Each character tells the next but for one in five, which begins anew.
  let state = 1;
  const sequence = Uint32Array.from({ length: 2000 }, (_, i) => {
    state = ((i * 7919) % 10) % 5 === 0 ? (i * 31) % 4 : (state + 1) % 4;
    return state;
  });
  const network = sequential(embedding(4, 8), dense(8, 4), li({ beta: 0 }));
  using model = await network.compile({ seed: 1, vocabulary: tokens.tokens });
  const loader = new DataLoader(tokenWindows(sequence, { steps: 50 }), { batchSize: 8, shuffle: true });
  const objective = loss.crossEntropyMembrane();
  const { history } = await model.fit(loader, { epochs: 12, loss: objective, optimizer: adam({ lr: 0.05 }) });
  t.true(Number.isNaN(history[0]!.accuracy));
  const { loss: after } = await model.evaluate(loader, { loss: objective });
  // What is known of the last character, counted.
  const counts = Array.from({ length: 4 }, () => new Array(4).fill(0));
  for (let i = 0; i + 1 < sequence.length; i++) counts[sequence[i]!]![sequence[i + 1]!] += 1;
  const entropy = counts.reduce((sum, row) => {
    const total = row.reduce((a: number, b: number) => a + b, 0);
    return sum - row.reduce((s: number, n: number) => s + (n === 0 ? 0 : n * Math.log(n / total)), 0);
  }, 0);
  t.true(after < entropy / (sequence.length - 1) + 0.02, `${after} of ${entropy / (sequence.length - 1)}`);
});
