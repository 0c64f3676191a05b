/** Text as numbers: the characters that occur in it, and windows of it for next-character prediction. */
import { options as checkOptions, integer, invalid, typedArray } from '../checks/check.ts';
import { isWhole, unsigned, type WholeNumbers } from '../checks/whole-numbers.ts';
import type { TensorSource } from './source.ts';

/** The tokens of a language model, by number. */
export interface Vocabulary {
  /** In ascending order of their numbers. */
  readonly tokens: readonly string[];
  /** Number of tokens. */
  readonly size: number;
  /**
   * Converts a text to the numbers of its characters.
   * @throws LapicqueError `invalid-parameter` for a character that is not a token, with its index
   */
  encode(text: string): Uint32Array;
  /**
   * Converts numbers to a text.
   * @throws LapicqueError `invalid-parameter` for a number without a token
   */
  decode(numbers: ArrayLike<number>): string;
}

/**
 * The characters (code points) of a text as tokens in ascending order; or the characters of a list, in its order:
 * `vocabulary(model.description.vocabulary)` is the vocabulary of a model from a file.
 *
 * @example
 * ```ts
 * const tokens = vocabulary('abracadabra');
 * tokens.encode('bar'); // Uint32Array [1, 0, 4]
 * ```
 * @throws LapicqueError `invalid-parameter` for an empty text, a token that is not a single character, or a repeated
 * token
 */
export function vocabulary(source: string | readonly string[]): Vocabulary {
  const tokens = Object.freeze(
    typeof source === 'string' ? [...new Set(source)].sort(byCodePoint) : checkTokens('vocabulary', source),
  );
  if (tokens.length === 0) invalid('vocabulary', source, 'a string that is not empty');
  const half = tokens.find((token) => halves.test(token));
  if (half !== undefined)
    invalid('vocabulary', half, 'a string without lone surrogates (halves of characters)');
  const numbers = numbered(tokens);
  return Object.freeze({
    tokens,
    size: tokens.length,
    encode: (text: string) => numbersOf('text', text, numbers),
    decode(values: ArrayLike<number>) {
      if (typeof values !== 'object' || values === null) invalid('numbers', values, 'a list of numbers');
      return Array.from(values, (number, i) => {
        integer(`numbers[${i}]`, number, { min: 0, max: tokens.length - 1 });
        return tokens[number]!;
      }).join('');
    },
  });
}

/** Half of a character beyond U+FFFF, where a text was cut inside it. UTF-8 cannot represent it. */
const halves = /\p{Surrogate}/u;

/** The number of each token. */
export function numbered(tokens: readonly string[]): ReadonlyMap<string, number> {
  return new Map(tokens.map((token, i) => [token, i]));
}

/** The numbers of a text's characters. Refuses a character without a number, with its index. */
export function numbersOf(name: string, text: string, numbers: ReadonlyMap<string, number>): Uint32Array {
  if (typeof text !== 'string') invalid(name, text, 'a string');
  const out = new Uint32Array(text.length);
  let count = 0;
  let at = 0;
  for (const character of text) {
    const number = numbers.get(character);
    if (number === undefined) {
      invalid(`${name}[${at}]`, character, `one of the ${numbers.size} characters of the vocabulary`);
    }
    out[count++] = number;
    at += character.length;
  }
  return out.subarray(0, count);
}

/** Checks a list of distinct single characters; returns a copy. */
export function checkTokens(name: string, tokens: readonly string[]): string[] {
  if (!Array.isArray(tokens) || tokens.length === 0) invalid(name, tokens, 'a list of characters');
  const seen = new Set<string>();
  tokens.forEach((token, i) => {
    if (typeof token !== 'string' || [...token].length !== 1 || halves.test(token))
      invalid(`${name}[${i}]`, token, 'a single character');
    if (seen.has(token)) invalid(`${name}[${i}]`, token, 'a character that is not in the list yet');
    seen.add(token);
  });
  return [...tokens];
}

/** `sort` compares UTF-16 units, which gives another order beyond U+FFFF. */
function byCodePoint(a: string, b: string): number {
  return a.codePointAt(0)! - b.codePointAt(0)!;
}

/** Options of {@link tokenWindows}. */
export interface WindowOptions {
  /** Tokens of a window. The model predicts the next token at each of them. */
  steps: number;
  /** Distance between the starts of two windows; default `steps`, so that each token is predicted once. */
  stride?: number;
}

/**
 * Windows of a sequence, for a `DataLoader`: a batch has the tokens `[steps, batch, 1]` as `x` and the tokens after
 * them as `y`, `[steps, batch]`. Train with `loss.crossEntropyMembrane()` and with `embedding` as the network's first
 * layer. Tokens after the last whole window are not used.
 *
 * @param given - numbers, as `vocabulary(…).encode` returns them
 * @throws LapicqueError `invalid-parameter` for fewer than `steps + 1` tokens
 * @example
 * ```ts
 * const loader = new DataLoader(tokenWindows(tokens, { steps: 128 }), { batchSize: 32, shuffle: true });
 * ```
 */
export function tokenWindows(
  given: WholeNumbers,
  options: WindowOptions,
): TensorSource<Float32Array, Uint32Array> & { readonly y: Uint32Array } {
  if (!isWhole(given)) typedArray('tokens', given, [Uint32Array]);
  const tokens = unsigned('tokens', given);
  const { steps, stride = steps } = checkOptions('tokenWindows', options, ['steps', 'stride']);
  integer('steps', steps, { min: 1 });
  integer('stride', stride, { min: 1 });
  if (tokens.length <= steps) {
    invalid('tokens', tokens, `at least ${steps + 1} tokens for windows of ${steps} steps`);
  }
  const count = Math.floor((tokens.length - 1 - steps) / stride) + 1;
  const x = new Float32Array(steps * count);
  const y = new Uint32Array(steps * count);
  for (let step = 0; step < steps; step++) {
    for (let window = 0; window < count; window++) {
      const at = window * stride + step;
      x[step * count + window] = tokens[at]!;
      y[step * count + window] = tokens[at + 1]!;
    }
  }
  return {
    x,
    y,
    shape: [steps, count, 1],
    yShape: [steps, count],
    timeMajor: true,
    yTimeMajor: true,
  };
}
