// A secret as a configuration names it: by reference. The value itself never stands in a file of the project,
// a journal, a log or an error.

/** A name under which a secret is found: an environment variable, or else a file of the secrets. */
export interface Secret {
  readonly kind: "secret";
  readonly name: string;
}

/**
 * Refers to the secret in the environment variable `name` (or in `.env`), else in `.holdfast/secrets`.
 *
 * @example
 * accounts: { alpha: { apiKey: secret("ALPHA_API_KEY") } }
 */
export function secret(name: string): Secret {
  return Object.freeze({ kind: "secret", name });
}
