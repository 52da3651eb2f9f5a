// A Content-Type header as facts: type, charset, boundary (RFC 9110, 8.3.1). What to do with them is the caller's.

export interface MediaType {
  /** In lower case, without parameters; "" where there is none. */
  readonly type: string;
  readonly charset: string | null;
  readonly boundary: string | null;
}

const PARAMETER = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g;

export function parseMediaType(header: string | null | undefined): MediaType {
  const text = header ?? '';
  const end = text.indexOf(';');
  const type = (end === -1 ? text : text.slice(0, end)).trim().toLowerCase();
  const parameters = end === -1 ? new Map<string, string>() : parseParameters(text.slice(end));
  return {
    type,
    charset: parameters.get('charset')?.toLowerCase() ?? null,
    boundary: parameters.get('boundary') ?? null,
  };
}

/** `; name=value; name="value"` by lower-case name; the first of a repeated one. */
export function parseParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, token] of text.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    // Only a quote is escaped in practice: older clients send file names with bare backslashes (C:\data.csv).
    if (!parameters.has(key)) parameters.set(key, quoted?.replaceAll('\\"', '"') ?? token ?? '');
  }
  return parameters;
}
