import { fileURLToPath } from 'node:url';

/** The files of the font `Inter`, regular and semi-bold, beside the built script: a machine without any font would draw no text. */
export const fontFiles = ['Regular', 'SemiBold'].map((weight) =>
  fileURLToPath(new URL(`Inter-${weight}.ttf`, import.meta.url)),
);
