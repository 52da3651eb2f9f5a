// Whose turn it is to load a model: each model once at a time, and no more bytes on their way than there is room for.
// Requests wait by looking again: a promise that one makes and another awaits could be cancelled with the first.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

const LOOK_AGAIN_MS = 20;

export interface Turn {
  /** To be called at every piece: without progress the turn is taken away. */
  touch(): void;
  /** Whether it was taken away. */
  readonly isLost: boolean;
  /** Called when it is taken away. */
  onLost: () => void;
  end(): void;
}

export interface Turns {
  /**
   * @param isLoaded whether another request has loaded the model meanwhile.
   * @returns the turn, at once where nobody is in the way; null when the model is loaded.
   * @throws what isLoaded throws, AppError model_unavailable after LOAD_WAIT_MS.
   */
  take(model: { readonly digest: string; readonly bytes: number }, isLoaded: () => boolean): Promise<Turn | null>;
}

interface Holder extends Turn {
  isLost: boolean;
  readonly bytes: number;
  touchedAt: number;
}

export function createTurns(now: () => number): Turns {
  const holders = new Map<string, Holder>();

  /** Its request was cancelled, most likely: nothing of it runs any more, not even what would have ended the turn. */
  function dropStalled(): void {
    for (const [digest, holder] of holders) {
      if (now() - holder.touchedAt <= LIMITS.LOAD_STALL_MS) continue;
      holders.delete(digest);
      holder.isLost = true;
      holder.onLost();
    }
  }

  function isFree(digest: string, bytes: number): boolean {
    if (holders.has(digest)) return false;
    let all = bytes;
    for (const holder of holders.values()) all += holder.bytes;
    return holders.size === 0 || all <= LIMITS.LOADING_BYTES;
  }

  function hold(digest: string, bytes: number): Turn {
    const holder: Holder = {
      bytes,
      touchedAt: now(),
      isLost: false,
      onLost: () => undefined,
      touch() {
        holder.touchedAt = now();
      },
      end() {
        if (holders.get(digest) === holder) holders.delete(digest);
      },
    };
    holders.set(digest, holder);
    return holder;
  }

  return {
    async take({ digest, bytes }, isLoaded) {
      for (let waited = 0; waited <= LIMITS.LOAD_WAIT_MS; waited += LOOK_AGAIN_MS) {
        dropStalled();
        if (isFree(digest, bytes)) return hold(digest, bytes);
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
        if (isLoaded()) return null;
      }
      throw new AppError('model_unavailable', 'The model is still being loaded. Try again in a moment.');
    },
  };
}
