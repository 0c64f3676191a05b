/** Errors of ONNX files. */
import { LapicqueError } from '../checks/errors.ts';

/** The parts of a node that a message shows. */
interface NamedNode {
  readonly name: string;
  readonly operator: string;
  readonly outputs: readonly string[];
}

/** The error of a damaged ONNX file. */
export function malformed(offset: number, reason: string): Error {
  return new LapicqueError('malformed-file', { format: 'ONNX', offset, reason });
}

/** The error of a file with a feature that this reader does not support. */
export function unsupportedFeature(feature: string): Error {
  return new LapicqueError('unsupported', { feature, format: 'reading ONNX' });
}

/** The error of a node that no layer can represent. */
export function unsupported(node: NamedNode, what: string): Error {
  return unsupportedFeature(`${nodeLabel(node)}: ${what}`);
}

/** A node in messages: its operator, and its name or else that of its first output. */
export function nodeLabel({ name, operator, outputs }: NamedNode): string {
  return `${operator} ${JSON.stringify(name || (outputs[0] ?? ''))}`;
}
