// Color only where a person sees it: never in pipes and files, never with NO_COLOR.
import test from 'ava';
import { hasColor, styled, withBoldLabels } from '../../src-ts/terminal/color.ts';
import { lapicque } from '../support/program.ts';

const esc = String.fromCharCode(27);
const plain = { NO_COLOR: '', FORCE_COLOR: undefined };

test('a pipe gets no color, nor does a terminal with NO_COLOR or without colors', (t) => {
  const terminal = { isTTY: true, hasColors: () => true };
  t.true(hasColor(terminal, {}));
  t.false(hasColor({}, {}));
  t.false(hasColor(terminal, { NO_COLOR: '1' }));
  t.true(hasColor(terminal, { NO_COLOR: '' }));
  t.false(hasColor({ isTTY: true, hasColors: () => false }, {}));
  t.true(hasColor({}, { FORCE_COLOR: '1' }));
  t.false(hasColor(terminal, { FORCE_COLOR: '0' }));
  t.false(hasColor({}, { FORCE_COLOR: '1', NO_COLOR: '1' }));
});

test('labels are bold, and the text stays the same', (t) => {
  const text = 'a file: model\n\nmemory      1 MiB\ndense1 (dense)\n  weights     35\nno label here';
  const bold = withBoldLabels(text);
  t.true(bold.includes(`${styled('bold', 'memory')}      1 MiB`));
  t.true(bold.includes(`${styled('bold', 'dense1 (dense)')}\n`));
  t.is(bold.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), ''), text);
  t.is(bold.split(esc).length - 1, 4);
});

test('commands write colors only when they are asked to', async (t) => {
  for (const args of [['doctor'], ['--help'], ['inspect', 'nothing.safetensors']]) {
    const piped = await lapicque(args, '.', plain);
    const forced = await lapicque(args, '.', { ...plain, FORCE_COLOR: '1' });
    const refused = await lapicque(args, '.', { ...plain, FORCE_COLOR: '1', NO_COLOR: '1' });
    for (const { stdout, stderr } of [piped, refused])
      t.false(stdout.includes(esc) || stderr.includes(`${esc}[3`));
    t.true((forced.stdout + forced.stderr).includes(esc), args.join(' '));
  }
  const { stdout } = await lapicque(['doctor', '--json'], '.', { ...plain, FORCE_COLOR: '1' });
  t.false(stdout.includes(esc));
});
