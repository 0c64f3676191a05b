// Descriptions that were edited by hand: what is wrong with one is told by its path.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Description, writeTensors } from '../../src-ts/doors/files.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { compile, conv2d, dense, input, Model, sequential } from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';
import { any } from '../support/table.ts';

const network = sequential(dense(5, 6), lif({ beta: 0.9 }), dense(6, 2), lif({ beta: 0.9 }));

interface Editable {
  schema?: number;
  nodes: { in?: unknown; dynamics?: object }[];
  edges: unknown[];
}
const edited = (change: (description: Editable) => void) => {
  const description = structuredClone(network.description) as unknown as Editable;
  change(description);
  return compile(description as unknown as Description);
};

const cases: [change: (description: Editable) => void, told: string | RegExp][] = [
  [
    (d) => Object.assign(d, { nods: [] }),
    'unknown-name: unknown field of network "nods"; did you mean "nodes"?',
  ],
  [(d) => delete d.schema, 'invalid-parameter: network.schema: expected a value but got nothing'],
  [(d) => Object.assign(d, { dt: '1' }), 'invalid-parameter: network.dt: expected a number but got "1"'],
  [(d) => Object.assign(d, { nodes: {} }), 'invalid-parameter: network.nodes: expected a list but got map'],
  [
    (d) => Object.assign(d.nodes[2]!, { biass: true }),
    'unknown-name: unknown field of network.nodes[2] "biass"; did you mean "bias"?',
  ],
  [
    (d) => Object.assign(d.nodes[2]!, { kind: 'dens' }),
    'unknown-name: unknown kind of network.nodes[2] "dens"; did you mean "dense"?',
  ],
  [
    (d) => Object.assign(d.nodes[2]!, { in: '6' }),
    'invalid-parameter: network.nodes[2]: expected an integer but got "6"',
  ],
  [(d) => delete d.nodes[0]!.in, 'invalid-parameter: network.nodes[0].in: expected a value but got nothing'],
  [(d) => d.nodes.splice(1, 1, any(null)), /^invalid-parameter: network\.nodes\[1\]: .*null$/],
  [(d) => d.edges.splice(1, 1, ['lif1']), /^invalid-parameter: network\.edges\[1\]: /],
  [
    (d) => Object.assign(d.nodes[1]!.dynamics!, { surogate: { name: 'sigmoid' } }),
    'unknown-name: unknown field of a neuron "surogate"; did you mean "surrogate"?',
  ],
  // A default would silently replace it; JSON writes NaN as null.
  [
    (d) => Object.assign(d.nodes[1]!.dynamics!, { params: { beta: 0.9, vThreshold: Number.NaN } }),
    /^invalid-parameter: network\.nodes\[1\]\.dynamics\.params\.vThreshold: expected a value .* but got null$/,
  ],
  [
    (d) => Object.assign(d.nodes[0]!, { delay: null }),
    /^invalid-parameter: network\.nodes\[0\]\.delay: expected a value .* but got null$/,
  ],
];
for (const [change, expected] of cases) {
  test(String(change).replace(/\s+/g, ' '), async (t) => {
    const got = await outcome(() => edited(change));
    if (typeof expected === 'string') t.is(got, expected);
    else t.regex(got, expected);
  });
}

test('the same in a file is damage of the file', async (t) => {
  const at = await mkdtemp(join(tmpdir(), 'lapicque-'));
  try {
    const file = join(at, 'edited.safetensors');
    const description = JSON.stringify({ ...network.description, nods: [] });
    await writeTensors(file, { a: new Float32Array(1) }, { metadata: { description, schema: '1' } });
    t.regex(await outcome(() => Model.load(file)), /^malformed-file: /);
    const withNull = JSON.stringify({ ...network.description, dt: null });
    await writeTensors(
      file,
      { a: new Float32Array(1) },
      { metadata: { description: withNull, schema: '1' } },
    );
    t.regex(await outcome(() => Model.load(file)), /^malformed-file: .*null at network\.dt/);
  } finally {
    await rm(at, { recursive: true });
  }
});

test('an output padding that no window covers', async (t) => {
  const image = sequential(
    input(1, 2, 2),
    conv2d(1, 1, 2, { stride: 2, transposed: true }),
    lif({ beta: 0.9 }),
  );
  const description = structuredClone(image.description) as unknown as Editable;
  Object.assign(description.nodes[0]!, { outputPadding: [2, 0] });
  t.is(
    await outcome(() => compile(description as unknown as Description)),
    'invalid-parameter: conv1.outputPadding: expected less than the stride or the dilation but got [2, 0]',
  );
});
