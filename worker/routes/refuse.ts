// A refusal that is heard. When an answer comes before its request's body was read, the connection is closed while the
// client still sends, and most clients then say "connection reset" instead of what was answered.
import { drain, readPieces } from '../decode/read.ts';

/** @returns the answer: at once where the body was read or there is none, else after the body. */
export function afterBody(request: Request, answer: Response): Response | Promise<Response> {
  const { body } = request;
  if (body === null || request.bodyUsed) return answer;
  // Whether the rest of it comes or breaks off: the answer is the same.
  return drain(readPieces(body)).then(
    () => answer,
    () => answer,
  );
}
