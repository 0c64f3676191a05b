// JSON of unknown origin: what JSON.parse reads is read to the same value, what it refuses is refused; deep, large and endless work is bounded.
import test from 'ava';
import fc from 'fast-check';
import { parseJson } from '../../src-ts/files/json.ts';
import { Allowance } from '../../src-ts/files/limits.ts';
import { LapicqueError } from '../../src-ts/index.ts';
import { random } from '../support/numbers.ts';

class Malformed extends Error {}

const read = (text: string, bytes = 2 ** 28, signal?: AbortSignal) =>
  parseJson(text, {
    what: 'the text',
    allowance: new Allowance(bytes, 0),
    malformed: (reason) => new Malformed(reason),
    signal,
  });

/** The value, or that there is none. */
async function outcome(text: string): Promise<unknown> {
  try {
    return { value: await read(text) };
  } catch (error) {
    if (error instanceof Malformed) return 'refused';
    throw error;
  }
}

function expected(text: string): unknown {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return 'refused';
  }
}

test('what JSON.parse reads is read to the same value', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 3 }), async (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), null, indent);
      t.deepEqual(await outcome(spaced), expected(spaced));
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test('texts with some characters changed, removed or put in are read or refused as by JSON.parse', async (t) => {
  const texts = [
    '{"a":[1,-0.5e+3,true,false,null,"\\u00e9\\n\\"\\\\",{"":{}}],"b":[[],{}]}',
    ' [ 0 , 10.25 , 1E5 , "x" ] ',
    '"\\ud83d\\ude00 \\\\"',
    '{"__proto__":{"polluted":1},"constructor":2,"a":1,"a":2}',
  ];
  const characters = '{}[]:,"\\0123456789.eE+-tfnulrsa \n\t\u0000é';
  const next = random(3);
  const at = (limit: number) => Math.floor(limit * next());
  for (let i = 0; i < 20_000; i++) {
    let text = texts[i % texts.length]!;
    for (let change = 0; change <= at(3); change++) {
      const [offset, character] = [at(text.length + 1), characters[at(characters.length)]!];
      const removed = at(3);
      text = text.slice(0, offset) + (at(3) === 0 ? '' : character) + text.slice(offset + removed);
    }
    t.deepEqual(await outcome(text), expected(text), JSON.stringify(text));
  }
});

test('names of objects are properties like any other', async (t) => {
  const value = (await read('{"__proto__":{"polluted":1}}')) as object;
  t.true(Object.hasOwn(value, '__proto__'));
  t.is(({} as { polluted?: number }).polluted, undefined);
});

test('what is wrong is told with its place', async (t) => {
  const reason = (text: string) => t.throwsAsync(read(text), { instanceOf: Malformed });
  t.is((await reason('[1, 2'))?.message, "expected ',' or ']' but got the end at character 5");
  t.is((await reason('{"a" 1}'))?.message, `expected ':' but got "1" at character 5`);
  t.is((await reason('["a'))?.message, 'expected a string that ends but got "\\"" at character 1');
  t.is((await reason(''))?.message, 'expected a value but got the end at character 0');
});

test('depth is bounded', async (t) => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  t.truthy(await read(nested(100)));
  for (const depth of [101, 1e6])
    t.regex(
      (await t.throwsAsync(read(nested(depth)), { instanceOf: Malformed }))!.message,
      /more than 100 deep/,
    );
  t.regex((await t.throwsAsync(read('{"a":'.repeat(1e5)), { instanceOf: Malformed }))!.message, /100 deep/);
});

test('what the values take is bounded, whatever they are', async (t) => {
  for (const item of ['[]', '{}', '0', '""', '{"a":1}', '"aaaaaaaaaaaaaaaaaaaaaaa"']) {
    const text = `[${`${item},`.repeat(2e5)}0]`;
    t.truthy(await read(text));
    const error = await t.throwsAsync(read(text, 2e6), { instanceOf: LapicqueError }, item);
    t.is((error as unknown as LapicqueError).code, 'too-large');
  }
});

test('an allowance counts no less than what the values take', async (t) => {
  if (globalThis.gc === undefined) {
    t.pass('without --expose-gc the heap cannot be measured');
    return;
  }
  for (const item of ['[]', '{}', '0.5', '{"a":1}', '"aaaaaaaaaaaaaaaa"']) {
    const text = `[${`${item},`.repeat(3e5)}0]`;
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    const value = await read(text);
    globalThis.gc();
    const taken = process.memoryUsage().heapUsed - before;
    t.truthy(value);
    await t.throwsAsync(read(text, taken / 2), undefined, item);
  }
});

test('the event loop has its turns, and an abort ends the reading', async (t) => {
  const text = `[${'{"a":[1,2,3]},'.repeat(3e5)}0]`;
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  await read(text);
  clearInterval(timer);
  t.true(turns > 5, `${turns} turns`);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  const error = await t.throwsAsync(read(text, 2 ** 28, controller.signal));
  t.is(error?.name, 'AbortError');
});
