// As many requests as a number of connections can have answered.
import autocannon, { type Options, type Result } from 'autocannon';

/** @throws where a connection breaks, or an answer is no success: rates of errors say nothing. */
export async function blast(options: Options): Promise<Result> {
  const result = await autocannon(options);
  if (result.errors > 0 || result.non2xx > 0) throw new Error(`${result.errors} errors, ${result.non2xx} not 2xx`);
  return result;
}
