// SHA-256 of what comes piece by piece, by the platform: a model is never in memory as a whole outside the engine.
import { toHex } from './secret.ts';

export interface Hash {
  /** The piece is read when this resolves, and its memory may be used again. */
  write(piece: Uint8Array): Promise<void>;
  /** @returns lower-case hex. */
  end(): Promise<string>;
}

export type CreateHash = () => Hash;

/** The platform's types know it, those of the web, which tsc mixes in, do not. */
const { DigestStream: PlatformDigest } = crypto as unknown as { readonly DigestStream: typeof DigestStream };

/** In workerd alone: https://developers.cloudflare.com/workers/runtime-apis/web-crypto/#constructors */
export function createHash(): Hash {
  const stream = new PlatformDigest('SHA-256');
  const writer = stream.getWriter();
  return {
    write: (piece) => writer.write(piece),
    async end() {
      await writer.close();
      return toHex(await stream.digest);
    },
  };
}
