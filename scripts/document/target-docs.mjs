// Writes the table of the targets into docs/guides/quantization.md (run the build first).
import { readFileSync, writeFileSync } from 'node:fs';
import { integerTargetTable } from '../../dist/index.js';

const page = 'docs/guides/quantization.md';
const [begin, end] = ['<!-- targets -->', '<!-- /targets -->'];
const text = readFileSync(page, 'utf8');
const [before, rest] = text.split(begin);
const after = rest.split(end)[1];
writeFileSync(page, `${before}${begin}\n\n${integerTargetTable()}\n\n${end}${after}`);
