/** Examples at the end of each command's help. */
import type { Command } from 'commander';
import { styled } from '../terminal/color.ts';

/** By the words of the command. Each line is a command that works on a user's own files of these names. */
const examples: Readonly<Record<string, readonly string[]>> = {
  '': ['lapicque train recipe.json --log runs/training.jsonl', 'lapicque view runs', 'lapicque help train'],
  train: [
    'lapicque train recipe.json --epochs 5 --out digits.safetensors',
    'lapicque train recipe.json --log runs/training.jsonl --resume',
  ],
  run: [
    'lapicque run model.safetensors --input input.npy --output output.safetensors',
    'lapicque run model.safetensors --input hand.raw --pace real-time',
  ],
  generate: ['lapicque generate moby.safetensors --prompt "Call me " --length 200'],
  inspect: [
    'lapicque inspect model.safetensors --energy loihi',
    'lapicque inspect model.nir --input input.npy --json',
  ],
  'events inspect': ['lapicque events inspect hand.raw'],
  'events convert': ['lapicque events convert hand.raw hand.npz'],
  convert: [
    'lapicque convert hand.raw hand.aedat4 --compression zstd',
    'lapicque convert weights.pth weights.safetensors',
    'lapicque convert model.safetensors model.nir --for snntorch',
  ],
  bench: [
    'lapicque bench dense_rate conv',
    'lapicque bench dense_rate --size 784-256-10 --limits',
    'lapicque bench digits --against ../lapicque-before --rounds 9',
  ],
  simulate: [
    'lapicque simulate microcircuit --seconds 1 --scale 0.1',
    'lapicque simulate brunel --seconds 2 --record brunel.safetensors --trace E.v',
  ],
  verify: ['lapicque verify model.nir --framework snntorch'],
  doctor: ['lapicque doctor --json'],
  view: [
    'lapicque view runs/training.jsonl',
    'lapicque view brunel.safetensors hand.raw --port 8080 --no-open',
  ],
  sweep: [
    'lapicque sweep study.mjs --trials 60 --jobs 2',
    'lapicque sweep study.mjs --redis rediss://redis.example.org',
  ],
  'sweep worker': ['lapicque sweep worker study.mjs --redis rediss://redis.example.org --idle 60'],
  'sweep status': ['lapicque sweep status study.study'],
  'sweep show': ['lapicque sweep show study.study --top 5', 'lapicque sweep show study.study --trial 12'],
  'sweep best': ['lapicque sweep best study.study --json'],
  'sweep export': ['lapicque sweep export study.study --output trials.parquet'],
  'sweep report': ['lapicque sweep report study.study --output report'],
};

/** Ends the help of a command and of its subcommands with their examples. */
export function withExamples(command: Command, words: readonly string[] = []): void {
  const lines = examples[words.join(' ')];
  if (lines !== undefined)
    command.addHelpText('after', () =>
      ['', styled('bold', 'Examples:'), ...lines.map((line) => `  $ ${line}`)].join('\n'),
    );
  for (const child of command.commands) withExamples(child, [...words, child.name()]);
}
