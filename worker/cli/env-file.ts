// Variables as a file that Wrangler (dotenv, which then puts variables in place of dollar signs) and Node read alike.

/** @param values words, or JSON on one line. */
export function toEnvFile(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}='${value.replaceAll(/['$]/g, toEscape)}'\n`)
    .join('');
}

/** As JSON may write any character of a string: these two stand nowhere else in JSON, nor in our words. */
function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
