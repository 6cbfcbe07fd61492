/** Secrets of a two-round key that each contribution multiplies. gamma has no point in G1. */
export const SECRETS = ["gamma", "delta0", "delta1"] as const;
export type SecretName = (typeof SECRETS)[number];

export function mapSecrets<A, B>(secrets: Readonly<Record<SecretName, A>>, map: (secret: A, name: SecretName) => B): Record<SecretName, B> {
  return { gamma: map(secrets.gamma, "gamma"), delta0: map(secrets.delta0, "delta0"), delta1: map(secrets.delta1, "delta1") };
}
