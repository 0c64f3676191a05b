/** An integer network as C99. */
import { type CLayer, layerCode } from './c-layer.ts';
import { checkIdentifier, identifiers } from './c-names.ts';
import type { IntegerDescription, IntegerTensors } from './description.ts';

/** The result of {@link IntegerNetwork.toC}: the texts of two files. */
export interface CExport {
  /** `NAME.h`: sizes, the state and two functions. */
  readonly header: string;
  /** `NAME.c`: tables and the step. */
  readonly source: string;
}

/** Functions that layers use, each written once if it is used. */
const functions: readonly (readonly [string, string])[] = [
  [
    'clip',
    `static int32_t clip(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}`,
  ],
  [
    'shifted',
    `/* floor(x / 2^bits): C leaves the right shift of negative numbers to the compiler. */
static int32_t shifted(int32_t x, int32_t bits) {
    return x >= 0 ? x >> bits : ~(~x >> bits);
}`,
  ],
  [
    'lost',
    `/* What x loses in a step by a decay that moves every value but 0. */
static int32_t lost(int32_t x, int32_t bits) {
    int32_t part = shifted(x, bits);
    return part != 0 ? part : x > 0 ? 1 : 0;
}`,
  ],
  [
    'floored',
    `/* floor(x / 2^bits) */
static int32_t floored(int64_t x, int32_t bits) {
    return (int32_t)(x >= 0 ? x >> bits : ~(~x >> bits));
}`,
  ],
  [
    'truncated',
    `/* x / 2^bits, rounded towards 0 */
static int32_t truncated(int64_t x, int32_t bits) {
    return (int32_t)(x >= 0 ? x >> bits : -(-x >> bits));
}`,
  ],
];

/** @throws LapicqueError `invalid-parameter` for a name that is not a C identifier */
export function cOf(description: IntegerDescription, tensors: IntegerTensors, name: string): CExport {
  checkIdentifier(name);
  const upper = name.toUpperCase();
  const { input, layers, target } = description;
  const output = layers.at(-1)!;
  const names = identifiers(['input', ...layers.map((layer) => layer.name)]);
  const delayed = new Set(
    layers.flatMap(({ connections }) =>
      connections.filter(({ delay }) => delay === 1).map(({ from }) => from),
    ),
  );
  const codes = layers.map((layer) => layerCode({ description, layer, tensors, names, prefix: name }));
  const fields = layers.flatMap((layer, i) => stateFields(layer.name, codes[i]!, delayed));
  const body = codes.map(({ step }) => step).join('\n\n');
  const calls = (fn: string) => new RegExp(`\\b${fn}\\(`).test(body);
  const used = functions.filter(([fn]) => calls(fn) || (fn === 'shifted' && calls('lost')));
  const header = `/* An integer network with the rules of "${plain(target)}". Made by lapicque. */
#ifndef ${upper}_H
#define ${upper}_H

#include <stdint.h>

enum { ${upper}_INPUTS = ${input.size}, ${upper}_OUTPUTS = ${output.neurons} };

typedef struct {
${[...(delayed.has('input') ? [`    int16_t input_before[${input.size}];`] : []), ...fields].join('\n')}
} ${name}_state;

/* Puts all neurons at rest. */
void ${name}_reset(${name}_state *state);

/* One time step. input: a count for each channel; counts above ${input.maxCount} are clipped.${input.signed ? '' : ' No count is negative.'}
   The spikes of the output neurons are then in state->${names.get(output.name)}_spikes, v in state->${names.get(output.name)}_v. */
void ${name}_step(${name}_state *state, const int16_t input[${upper}_INPUTS]);

#endif
`;
  const copies = [...delayed]
    .filter((from) => from !== 'input')
    .map((from) => {
      const own = names.get(from)!;
      return `    memcpy(state->${own}_before, state->${own}_spikes, sizeof state->${own}_before);`;
    });
  const source = `/* Made by lapicque; see ${name}.h. */
#include "${name}.h"

#include <string.h>

${used.map(([, text]) => text).join('\n\n')}

${codes.flatMap(({ tables }) => tables).join('\n\n')}

${body}

void ${name}_reset(${name}_state *state) {
    memset(state, 0, sizeof *state);
${codes.flatMap(({ reset }) => reset).join('\n')}${codes.some(({ reset }) => reset.length > 0) ? '\n' : ''}}

void ${name}_step(${name}_state *state, const int16_t input[${upper}_INPUTS]) {
${[
  ...copies,
  ...layers.map((layer) => `    step_${names.get(layer.name)}(state, input);`),
  ...(delayed.has('input') ? ['    memcpy(state->input_before, input, sizeof state->input_before);'] : []),
].join('\n')}
}
`;
  return { header, source: source.replaceAll(/\n{3,}/g, '\n\n') };
}

function stateFields(
  layer: string,
  { own, fields, layer: { neurons, rules } }: CLayer,
  delayed: Set<string>,
): string[] {
  const field = (type: string, what: string, size: string) => `    ${type} ${own}_${what}${size};`;
  const { currents, spiking } = rules;
  return [
    field('int32_t', 'v', `[${neurons}]`),
    ...(currents > 0 ? [field('int32_t', 'current', `[${currents}][${neurons}]`)] : []),
    field('int32_t', 'drive', `[${neurons}]`),
    ...(currents > 0 && rules.saturation === 'sum'
      ? [field('int32_t', 'sum', `[${currents}][${neurons}]`)]
      : []),
    ...(spiking ? [field('uint8_t', 'spikes', `[${neurons}]`)] : []),
    ...(spiking && rules.resetTiming === 'next-step' && rules.reset !== 'none'
      ? [field('uint8_t', 'own', `[${neurons}]`)]
      : []),
    ...(delayed.has(layer) ? [field('uint8_t', 'before', `[${neurons}]`)] : []),
    ...fields,
  ];
}

/** Text within a C comment. */
const plain = (text: string): string => text.replaceAll(/[^\w .-]/g, '_');
