// Every number that bounds something: its unit and the reason for it. Those of the rates stand in wrangler.toml as well,
// and a test holds them together.

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = {
  /** JSON, forms, CSV and NDJSON of one prediction request: the page sends CSV in chunks below it. */
  ROWS_BODY_BYTES: 1 * MIB,
  /** An image of 10 MiB, which is what the API takes, and the columns beside it. */
  IMAGE_BODY_BYTES: 12 * MIB,
  /** A model and its training data of 25 MiB each, and what a form adds. */
  UPLOAD_BODY_BYTES: 51 * MIB,
  /** A JSON body of the console: as much as the management API takes. */
  JSON_BODY_BYTES: 2 * MIB,
  /** What is read of a refused body, so that its sender hears why: the largest that the platform lets in. */
  DRAINED_BYTES: 100 * MIB,
  /** A query string: URLs end at 16 KB on the platform. */
  QUERY_CHARACTERS: 16 * KIB,
  /** Predictions and schemas of one visitor: ten a second, which is a slider that is dragged all the time or a CSV in flight. */
  PREDICTIONS_PER_MINUTE: 600,
  /** Sign-ins of one visitor: a person mistypes; a program guesses. */
  SIGN_INS_PER_MINUTE: 10,
  /** Calls of one owner: a deployment is looked at three times a second while it lasts. */
  MANAGEMENT_PER_MINUTE: 600,
  /** Until a visitor who was too fast may come back. */
  RATE_RETRY_SECONDS: 60,
  /** How long a demo's title and task are remembered. */
  DEMO_SECONDS: 60,
  /** How long a sign-in lasts: a working day. */
  SESSION_SECONDS: 8 * 60 * 60,
  /** Characters of an account token and more; what is longer is none. */
  TOKEN_CHARACTERS: 100,
} as const;
