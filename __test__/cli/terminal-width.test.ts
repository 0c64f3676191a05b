// What commands print on a terminal of 80 columns: no line is longer, so that the terminal breaks none in the middle of a table.
import { join } from 'node:path';
import test from 'ava';
import { writeNir } from '../../src-ts/doors/files.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { avgPool2d, conv2d, dense, flatten, input, sequential } from '../../src-ts/index.ts';
import { table } from '../../src-ts/terminal/table.ts';
import { wrapped, wrappedLine } from '../../src-ts/terminal/wrap.ts';
import { folder, json, lapicque } from '../support/program.ts';

const width = 80;
const longest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

test('a table that is too wide becomes blocks of columns, each with the first column', (t) => {
  const rows = [
    ['layer', 'first', 'second', 'third'],
    ['dense1', '1', '22', 'text'],
    ['lif1', '333', '4', 'more'],
  ];
  t.is(table(rows), 'layer   first  second  third\ndense1      1      22  text\nlif1      333       4  more');
  t.is(
    table(rows, 24),
    'layer   first  second\ndense1      1      22\nlif1      333       4\n\nlayer   third\ndense1  text\nlif1    more',
  );
});

test('a last column that is too wide continues under itself, and a long name has a line of its own', (t) => {
  t.is(table([['cpu', 'one two three four']], 14), 'cpu  one two\n     three\n     four');
  const long = table(
    [
      ['tensor', 'type', 'shape'],
      ['a.very.long.name', 'F32', '[1, 2]'],
    ],
    24,
  );
  t.is(long, 'a.very.long.name\n  type F32; shape [1, 2]');
});

test('a line is broken between words, and no word is lost', (t) => {
  const line =
    'energy      1.75 nJ a sample of the model; dense 91.3 nJ, a/path/that/is/longer/than/the/whole/line end';
  const broken = wrapped(line, 40);
  t.deepEqual(broken.split(/\s+/), line.split(/\s+/));
  for (const one of broken.split('\n')) t.true(one.length <= 40 || !one.trim().includes(' '), one);
  t.true(
    broken
      .split('\n')
      .slice(1)
      .every((one) => one.startsWith(' '.repeat(12))),
  );
  t.is(wrappedLine('', 10, 4), '');
  t.is(wrapped('a b\n\nc', 40), 'a b\n\nc');
});

test('help fits into 80 columns and ends with examples whose options it describes', async (t) => {
  t.timeout(240_000);
  const { stdout } = await lapicque(['--help']);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => [name!]);
  t.true(commands.length >= 12, stdout);
  const nested = [...['worker', 'status', 'show', 'best', 'export', 'report'].map((name) => ['sweep', name])];
  for (const command of [[], ...commands, ...nested, ['events', 'inspect'], ['events', 'convert']]) {
    if (['events', 'help', 'complete'].includes(command.join(' '))) continue;
    const { stdout: help } = await lapicque([...command, '--help']);
    t.true(longest(help) <= width, `${command.join(' ')}: ${longest(help)}`);
    const [described, examples] = help.split('\nExamples:\n');
    t.truthy(examples, command.join(' '));
    for (const line of examples!.trim().split('\n')) {
      t.true(line.trim().startsWith(`$ lapicque ${command.join(' ')}`.trim()), line);
      if (command.length > 0)
        for (const [option] of line.matchAll(/--[a-z-]+/g))
          t.regex(described!, new RegExp(`^ {2}${option}\\b`, 'm'));
    }
  }
});

test('commands fit into 80 columns, and say the same as without a limit', async (t) => {
  t.timeout(240_000);
  const path = await folder((remove) => t.teardown(remove));
  const model = await sequential(
    input(2, 16, 16),
    conv2d(2, 16, 3),
    lif({ beta: 0.9 }),
    avgPool2d(2),
    flatten(),
    dense(784, 100, { name: 'the_hidden_layer_of_the_classifier' }),
    lif({ beta: 0.9 }),
    dense(100, 10),
    lif({ tauMem: 10, name: 'output' }),
  ).compile();
  model.metadata = {
    license:
      'A license that has a name which is quite a lot longer than a line of a terminal can be, as such names are',
  };
  await model.save(join(path, 'model.safetensors'));
  await writeNir(join(path, 'model.nir'), model, { lossy: true });
  const commands = [
    ['inspect', 'model.safetensors'],
    ['inspect', 'model.nir'],
    ['verify', 'model.nir'],
    ['doctor'],
    ['simulate', 'cuba', '--seconds', '0.1', '--scale', '0.1'],
  ];
  for (const args of commands) {
    const narrow = await lapicque(args, path, { COLUMNS: `${width}` });
    t.is(narrow.code, 0, narrow.stderr);
    // The path of the binary is one word.
    const lines = narrow.stdout.split('\n').filter((line) => !line.includes('.node'));
    t.true(
      longest(lines.join('\n')) <= width,
      `${args.join(' ')}: ${longest(lines.join('\n'))}\n${narrow.stdout}`,
    );
  }
  const wide = await lapicque(['inspect', 'model.safetensors'], path, { COLUMNS: '' });
  const narrow = await lapicque(['inspect', 'model.safetensors'], path, { COLUMNS: `${width}` });
  t.true(longest(wide.stdout) > width);
  const words = (text: string) => [...new Set(text.split(/\s+/))].sort();
  t.deepEqual(words(narrow.stdout), words(wide.stdout));
  // Output for programs is never broken.
  t.is((await json(['inspect', 'model.safetensors'], path, { COLUMNS: `${width}` })).kind, 'model');
});
