/** `lapicque generate`: prints text from a language model while it is generated. */

import { printableLines } from '../checks/printable.ts';
import { numbered, numbersOf } from '../data/text.ts';
import { generate as characters, vocabularyOf } from '../model/generate.ts';
import { Model } from '../model/model.ts';
import { asUsageError } from './failure.ts';
import { interruption } from './interrupt.ts';
import { output } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';
import { checkReadable } from './tensors.ts';

interface Options extends CommonOptions {
  prompt?: string;
  length: number;
  temperature: number;
}

export async function generate(path: string, options: Options): Promise<void> {
  await prepare(options);
  const { prompt = '', length, temperature, seed = 0, json = false } = options;
  const signal = interruption();
  checkReadable(path);
  using model = await Model.load(path, { signal });
  asUsageError(() => numbersOf('--prompt', prompt, numbered(vocabularyOf(model, path))));

  const began = performance.now();
  if (!json) process.stdout.write(printableLines(prompt));
  let text = '';
  for await (const character of characters(model, { prompt, length, temperature, seed, signal })) {
    text += character;
    if (!json) process.stdout.write(printableLines(character));
  }
  const seconds = (performance.now() - began) / 1000;
  output(json).result({ model: path, prompt, text, temperature, seed, seconds }, () => '');
}
