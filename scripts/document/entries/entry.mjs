// The entry of something in a list of entries; the documentation is incomplete without it.
export function entryOf(entries, key, file) {
  const entry = entries[key];
  if (entry === undefined)
    throw new Error(
      `${key}: scripts/document/entries/${file} does not say what it is called and when to choose it`,
    );
  return entry;
}
