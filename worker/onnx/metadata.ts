// Names of features that an exporter left in the file's metadata.

const KEYS = ['feature_names', 'features', 'input_names', 'columns', 'feature_names_in_', 'feature_names_in'];

/** @returns none where the metadata does not name features. */
export function findMetadataNames(metadata: ReadonlyMap<string, string>): string[] {
  for (const [key, text] of metadata) {
    if (!KEYS.includes(key.toLowerCase()) || text.length > 100_000) continue;
    const names = parseNames(text);
    if (names.length > 0 && new Set(names).size === names.length && names.every(Boolean)) return names;
  }
  return [];
}

function parseNames(text: string): string[] {
  if (text.trim().startsWith('[')) {
    try {
      const parsed: unknown = JSON.parse(text.includes('"') ? text : text.replaceAll("'", '"'));
      return Array.isArray(parsed) ? parsed.map(String) : [];
    } catch {
      return [];
    }
  }
  return text.split(',').map((name) => name.trim());
}
