/** A language model at work: text, one token after the other. */
import { options as checkOptions, finite, integer, invalid } from '../checks/check.ts';
import { throwIfAborted } from '../checks/errors.ts';
import { sequence } from '../data/order.ts';
import { numbered, numbersOf } from '../data/text.ts';
import { checkTask } from '../engine/native.ts';
import { exp } from '../numbers/elementary.ts';
import { isModel, type Model } from './model.ts';
import type { Session } from './session.ts';

/** Options of {@link generate}. */
export interface GenerateOptions {
  /** Text that the model reads first, of the vocabulary's characters. Default: the vocabulary's line break, or its first. */
  prompt?: string;
  /** Characters to generate; default no limit: end the loop yourself. */
  length?: number;
  /** Divides the logits before the softmax: below 1 favors likely characters, above 1 unlikely ones; 0 always takes the likeliest. Default 1. */
  temperature?: number;
  /** Seed of the random choices; an integer from 0, default 0. */
  seed?: number;
  signal?: AbortSignal;
}

/**
 * Generates text after `prompt`, one character at a time. A session carries the state: the cost of a
 * character does not grow with what came before it.
 *
 * @param model - with a `vocabulary` (see `NetworkOptions`), an `embedding` as its first layer, and as its output a
 * population whose potentials are the logits of the next token
 * @throws LapicqueError `invalid-parameter` for a model without a vocabulary, for a prompt with other characters,
 * `disposed`, `aborted`
 * @example
 * ```ts
 * for await (const character of generate(model, { prompt: 'Call me ', length: 200 })) process.stdout.write(character);
 * ```
 */
export async function* generate(
  model: Model,
  options: GenerateOptions = {},
): AsyncGenerator<string, void, undefined> {
  if (!isModel(model)) invalid('model', model, 'a Model');
  const names = ['prompt', 'length', 'temperature', 'seed', 'signal'] as const;
  const {
    length,
    temperature = 1,
    seed = 0,
    signal,
    ...windowOptions
  } = checkOptions('generate', options, names);
  checkTask({ signal });
  if (length !== undefined) integer('length', length, { min: 0 });
  finite('temperature', temperature, { min: 0 });
  integer('seed', seed, { min: 0 });
  const tokens = vocabularyOf(model);
  const first = tokens.includes('\n') ? '\n' : tokens[0]!;
  const prompt = numbersOf('prompt', windowOptions.prompt || first, numbered(tokens));
  const draw = sequence(seed);
  throwIfAborted(signal);
  using session = await model.session();
  const logits = new Float32Array(tokens.length);
  let since = performance.now();
  for (const token of prompt) {
    read(session, token);
    if (performance.now() - since > 5) since = await yieldToEventLoop(signal);
  }
  for (let count = 0; count !== length; count++) {
    throwIfAborted(signal);
    const next = choose(session.membrane(logits), temperature, draw);
    yield tokens[next]!;
    read(session, next);
    if (performance.now() - since > 5) since = await yieldToEventLoop(signal);
  }
}

/** Lets the event loop do what waits, which may be an abort; gives back the time. */
async function yieldToEventLoop(signal: AbortSignal | undefined): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  throwIfAborted(signal);
  return performance.now();
}

/** The tokens of a language model; `name` is what the caller calls it. */
export function vocabularyOf(model: Model, name: unknown = model): readonly string[] {
  const { vocabulary } = model.description;
  if (vocabulary === undefined) invalid('model', name, 'a language model: one compiled with a vocabulary');
  return vocabulary;
}

function read(session: Session, token: number): void {
  session.push(Float32Array.of(token));
}

/** A number drawn with the probabilities of `softmax(logits / temperature)`; at temperature 0 the largest. */
function choose(logits: Float32Array, temperature: number, draw: () => number): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  if (temperature === 0) return best;
  const max = logits[best]!;
  const weights = Float64Array.from(logits, (logit) => exp((logit - max) / temperature));
  let left = draw() * weights.reduce((sum, weight) => sum + weight, 0);
  // Rounding may leave a little behind the last one.
  return Math.max(
    0,
    weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    }),
  );
}
