// fetch, once more where the server has closed a kept connection: it does so after a body that it refused unread.

type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** @param plain the fetch that is used, where the global one is replaced. */
export function createFetchAgain(plain: Fetch): Fetch {
  return async (input, init) => {
    try {
      return await plain(input, init);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return plain(input, init);
    }
  };
}
