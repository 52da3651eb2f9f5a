// A call that changes something. Offline it fails and says so; left to itself the library would wait for the network in
// silence, and do late what nobody expects any more.
import { type UseMutationOptions, useMutation } from '@tanstack/react-query';

export function useCall<Answer, Wish = void>(options: UseMutationOptions<Answer, Error, Wish>) {
  return useMutation({ networkMode: 'always', ...options });
}
