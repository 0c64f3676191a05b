/**
 * The messages of onnx.proto that a network is written in. Subgraphs, functions, sparse tensors and training information are noticed and
 * not decoded.
 * Source: onnx/onnx.proto of ONNX 1.23.
 */
import type { Allowance } from '../files/limits.ts';
import { malformed } from './errors.ts';
import type { Field, Part } from './protobuf.ts';

export interface ModelProto {
  readonly irVersion: number;
  readonly producer: string;
  /** Version by domain; that of ONNX itself is `''`. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: GraphProto | undefined;
}

export interface GraphProto {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  /** Names of sparse ones. */
  readonly sparse: number;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface NodeProto {
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

export interface AttributeProto {
  readonly int?: number;
  readonly float?: number;
  readonly text?: string;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly tensor?: TensorProto;
  readonly hasGraph: boolean;
}

export interface TensorProto {
  readonly name: string;
  readonly at: number;
  readonly shape: readonly number[];
  readonly type: number;
  readonly raw?: Part;
  /** Packed or single, in their order. */
  readonly floats: readonly Part[];
  readonly doubles: readonly Part[];
  readonly ints: readonly (Part | bigint)[];
  /** Where the numbers are in another file. */
  readonly external?: ReadonlyMap<string, string>;
}

export interface ValueInfo {
  readonly name: string;
  /** A number, or the name of a size that the file leaves open; nothing without a shape. */
  readonly shape?: readonly (number | string)[];
  readonly type: number;
}

/** Memory that a message takes at most, but for its texts and numbers. */
const messageBytes = 1024;

/** Axes of a tensor. */
const maxAxes = 64;

/** Decodes the messages of one file. */
export class Messages {
  readonly #allowance: Allowance;

  constructor(allowance: Allowance) {
    this.#allowance = allowance;
  }

  *model(part: Part): Generator<undefined, ModelProto> {
    let [irVersion, name, version] = [0, '', ''];
    const opsets = new Map<string, number>();
    let graph: Part | undefined;
    for (const field of part.fields()) {
      if (field.number === 1) irVersion = this.#int(field);
      else if (field.number === 2) name = this.#text(field);
      else if (field.number === 3) version = this.#text(field);
      else if (field.number === 7) graph = this.#message(field);
      else if (field.number === 8) {
        let [domain, number] = ['', 0];
        for (const own of this.#message(field).fields()) {
          if (own.number === 1) domain = this.#text(own);
          else if (own.number === 2) number = this.#int(own);
        }
        opsets.set(domain === 'ai.onnx' ? '' : domain, number);
      }
    }
    return {
      irVersion,
      producer: `${name} ${version}`.trim(),
      opsets,
      graph: graph === undefined ? undefined : yield* this.#graph(graph),
    };
  }

  *#graph(part: Part): Generator<undefined, GraphProto> {
    const nodes: NodeProto[] = [];
    const initializers: TensorProto[] = [];
    const [inputs, outputs]: [ValueInfo[], ValueInfo[]] = [[], []];
    let sparse = 0;
    for (const field of part.fields()) {
      yield;
      if (field.number === 1) nodes.push(this.#node(this.#message(field)));
      else if (field.number === 5) initializers.push(this.#tensor(this.#message(field)));
      else if (field.number === 11) inputs.push(this.#valueInfo(this.#message(field)));
      else if (field.number === 12) outputs.push(this.#valueInfo(this.#message(field)));
      else if (field.number === 15) sparse += 1;
    }
    return { nodes, initializers, sparse, inputs, outputs };
  }

  #node(part: Part): NodeProto {
    let [name, operator, domain] = ['', '', ''];
    const [inputs, outputs]: [string[], string[]] = [[], []];
    const attributes = new Map<string, AttributeProto>();
    for (const field of part.fields()) {
      if (field.number === 1) inputs.push(this.#text(field));
      else if (field.number === 2) outputs.push(this.#text(field));
      else if (field.number === 3) name = this.#text(field);
      else if (field.number === 4) operator = this.#text(field);
      else if (field.number === 5) attributes.set(...this.#attribute(this.#message(field)));
      else if (field.number === 7) domain = this.#text(field);
    }
    return { name, operator, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
  }

  #attribute(part: Part): [string, AttributeProto] {
    let name = '';
    const found: { int?: number; float?: number; text?: string; tensor?: TensorProto } = {};
    const [ints, floats]: [number[], number[]] = [[], []];
    let hasGraph = false;
    for (const field of part.fields()) {
      if (field.number === 1) name = this.#text(field);
      else if (field.number === 2) found.float = this.#floats(field)[0] ?? 0;
      else if (field.number === 3) found.int = this.#int(field);
      else if (field.number === 4) found.text = this.#text(field);
      else if (field.number === 5) found.tensor = this.#tensor(this.#message(field));
      else if (field.number === 7) for (const float of this.#floats(field)) floats.push(float);
      else if (field.number === 8) this.#ints(field, ints);
      else if (field.number === 6 || field.number === 11) hasGraph = true;
    }
    return [name, { ...found, ints, floats, hasGraph }];
  }

  #tensor(part: Part): TensorProto {
    const shape: number[] = [];
    let [name, type, location] = ['', 0, 0];
    const [floats, doubles, ints]: [Part[], Part[], (Part | bigint)[]] = [[], [], []];
    const external = new Map<string, string>();
    let raw: Part | undefined;
    for (const field of part.fields()) {
      if (field.number === 1) this.#ints(field, shape);
      else if (field.number === 2) type = this.#int(field);
      else if (field.number === 4) floats.push(this.#message(field));
      else if (field.number === 5 || field.number === 7 || field.number === 11)
        ints.push(this.#single(field) ?? this.#message(field));
      else if (field.number === 8) name = this.#text(field);
      else if (field.number === 9) raw = this.#message(field);
      else if (field.number === 10) doubles.push(this.#message(field));
      else if (field.number === 13) external.set(...this.#entry(this.#message(field)));
      else if (field.number === 14) location = this.#int(field);
    }
    if (shape.length > maxAxes) throw malformed(part.start, `the tensor ${name} has ${shape.length} axes`);
    for (const size of shape)
      if (size < 0) throw malformed(part.start, `the tensor ${name} has the size ${size}`);
    return {
      ...{ name, shape, type, floats, doubles, ints, at: part.start },
      ...(raw === undefined ? {} : { raw }),
      ...(location === 1 ? { external } : {}),
    };
  }

  #entry(part: Part): [string, string] {
    let [key, value] = ['', ''];
    for (const field of part.fields()) {
      if (field.number === 1) key = this.#text(field);
      else if (field.number === 2) value = this.#text(field);
    }
    return [key, value];
  }

  #valueInfo(part: Part): ValueInfo {
    let [name, type] = ['', 0];
    let shape: (number | string)[] | undefined;
    for (const field of part.fields()) {
      if (field.number === 1) name = this.#text(field);
      if (field.number !== 2) continue;
      for (const kind of this.#message(field).fields()) {
        if (kind.number !== 1) continue;
        for (const tensor of this.#message(kind).fields()) {
          if (tensor.number === 1) type = this.#int(tensor);
          else if (tensor.number === 2) shape = this.#dimensions(this.#message(tensor));
        }
      }
    }
    return { name, type, ...(shape === undefined ? {} : { shape }) };
  }

  #dimensions(part: Part): (number | string)[] {
    const shape: (number | string)[] = [];
    for (const field of part.fields()) {
      if (field.number !== 1) continue;
      let size: number | string = '?';
      for (const own of this.#message(field).fields()) {
        if (own.number === 1) size = this.#int(own);
        else if (own.number === 2) size = this.#text(own);
      }
      if (shape.push(size) > maxAxes) throw malformed(part.start, `a shape has more than ${maxAxes} axes`);
    }
    return shape;
  }

  /** The bytes of a field, which are counted as a message. */
  #message(field: Field): Part {
    this.#allowance.take('the ONNX file: its messages', messageBytes);
    if (field.kind === 'varint')
      throw malformed(field.at, `field ${field.number} is a number, not a message`);
    return field.part;
  }

  #text(field: Field): string {
    const part = this.#message(field);
    this.#allowance.take('the ONNX file: its texts', 2 * part.length);
    return part.text();
  }

  /** A whole number with its sign. */
  #int(field: Field): number {
    if (field.kind !== 'varint') throw malformed(field.at, `field ${field.number} is not a whole number`);
    return signed(field.value);
  }

  /** A number that stands alone, not packed with others. */
  #single(field: Field): bigint | undefined {
    if (field.kind !== 'varint') return undefined;
    this.#allowance.take('the ONNX file: its numbers', 32);
    return field.value;
  }

  #ints(field: Field, into: number[]): void {
    if (field.kind === 'varint') {
      this.#allowance.take('the ONNX file: its numbers', 16);
      into.push(signed(field.value));
    } else
      for (const value of this.#message(field).varints()) {
        this.#allowance.take('the ONNX file: its numbers', 16);
        into.push(signed(value));
      }
  }

  #floats(field: Field): number[] {
    const part = this.#message(field);
    this.#allowance.take('the ONNX file: its numbers', 4 * part.length);
    return Array.from({ length: Math.floor(part.length / 4) }, (_, i) => part.float(4 * i));
  }
}

/** Whole numbers are two's complement; those that a number cannot hold are far outside every size. */
export function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}
