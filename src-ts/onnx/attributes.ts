/** Attributes of an ONNX node, each of which must be known. */
import { unsupported } from './errors.ts';
import type { NodeProto } from './messages.ts';

/** Refuses attributes that the translation of an operator would leave out. */
export function rejectUnknown(node: NodeProto, known: readonly string[]): void {
  for (const [name, { hasGraph }] of node.attributes) {
    if (hasGraph) throw unsupported(node, `the attribute ${name} is a graph`);
    if (!known.includes(name)) throw unsupported(node, `the attribute ${name}`);
  }
}

export function int(node: NodeProto, name: string, byDefault: number): number {
  return node.attributes.get(name)?.int ?? byDefault;
}

export function float(node: NodeProto, name: string, byDefault: number): number {
  return node.attributes.get(name)?.float ?? byDefault;
}

export function text(node: NodeProto, name: string, byDefault: string): string {
  return node.attributes.get(name)?.text ?? byDefault;
}

/** A list of whole numbers; `undefined` where the node has none. */
export function ints(node: NodeProto, name: string): readonly number[] | undefined {
  return node.attributes.get(name)?.ints;
}
