/** ONNX files made by hand, message by message. */

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const low = Number(rest & 127n);
    if (rest < 128n) return Buffer.from([...bytes, low]);
    bytes.push(low | 128);
  }
}

const key = (field: number, wire: number) => varint(field * 8 + wire);

/** A field that is a whole number. */
export const int = (field: number, value: number) => Buffer.concat([key(field, 0), varint(value)]);

/** A field of bytes: a text, or a message of these fields. */
export function part(field: number, ...content: (Buffer | string)[]): Buffer {
  const bytes = Buffer.concat(
    content.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
  );
  return Buffer.concat([key(field, 2), varint(bytes.length), bytes]);
}

/** A tensor of single precision with raw bytes. */
export function tensor(name: string, shape: readonly number[], values: readonly number[]): Buffer {
  const raw = Buffer.from(Float32Array.from(values).buffer);
  return Buffer.concat([...shape.map((size) => int(1, size)), int(2, 1), part(8, name), part(9, raw)]);
}

/** An attribute that is a whole number. */
export function attribute(name: string, value: number): Buffer {
  return Buffer.concat([part(1, name), int(3, value), int(20, 2)]);
}

/** An attribute that is a list of whole numbers. */
export function list(name: string, values: readonly number[]): Buffer {
  return Buffer.concat([part(1, name), ...values.map((value) => int(8, value)), int(20, 7)]);
}

export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  name: string,
  attributes: readonly Buffer[] = [],
  domain = '',
): Buffer {
  return Buffer.concat([
    ...inputs.map((input) => part(1, input)),
    ...outputs.map((output) => part(2, output)),
    part(3, name),
    part(4, operator),
    ...attributes.map((one) => part(5, one)),
    ...(domain === '' ? [] : [part(7, domain)]),
  ]);
}

/** A network with the input `x` of this shape behind its batch; a text is a size that is left open. */
export function model(of: {
  nodes: readonly Buffer[];
  initializers: readonly Buffer[];
  input: readonly (number | string)[];
  output: string;
  opset?: number;
}): Uint8Array {
  const sizes = ['batch', ...of.input].map((size) =>
    part(1, typeof size === 'number' ? int(1, size) : part(2, size)),
  );
  const value = (name: string, ...type: Buffer[]) => Buffer.concat([part(1, name), ...type]);
  const typed = part(2, part(1, int(1, 1), part(2, ...sizes)));
  const graph = [
    ...of.nodes.map((one) => part(1, one)),
    part(2, 'by hand'),
    ...of.initializers.map((one) => part(5, one)),
    part(11, value('x', typed)),
    part(12, value(of.output)),
  ];
  return Buffer.concat([int(1, 10), part(7, ...graph), part(8, part(1, ''), int(2, of.opset ?? 20))]);
}
