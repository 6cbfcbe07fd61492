/** The account that signs: from the environment or a keystore file, never from an argument. */

import { readFileSync } from "node:fs";
import { type JsonRpcProvider, type Signer, Wallet } from "ethers";
import { AssayError } from "../errors.js";

/** Chains whose node holds unlocked accounts for development: anvil and hardhat, ganache and geth --dev. */
const DEV_CHAINS: ReadonlySet<number> = new Set([31337, 1337]);

/**
 * ASSAY_PRIVATE_KEY, else the JSON keystore at ASSAY_KEYSTORE opened with ASSAY_KEYSTORE_PASSWORD, else a dev node's first
 * unlocked account; undefined when there is none. No message and no cause ever carries the secret.
 */
export async function findAccount(provider: JsonRpcProvider, chainId: number): Promise<Signer | undefined> {
  const key = process.env.ASSAY_PRIVATE_KEY;
  if (key !== undefined && key !== "") return fromKey(key, provider);
  const keystore = process.env.ASSAY_KEYSTORE;
  if (keystore !== undefined && keystore !== "") return fromKeystore(keystore, provider);
  return unlockedAccount(provider, chainId);
}

/** The first account that a dev node signs for; undefined on other chains. */
export async function unlockedAccount(provider: JsonRpcProvider, chainId: number): Promise<Signer | undefined> {
  if (!DEV_CHAINS.has(chainId)) return undefined;
  const accounts: readonly Signer[] = await provider.listAccounts();
  return accounts.at(0);
}

function fromKey(key: string, provider: JsonRpcProvider): Signer {
  try {
    return new Wallet(key.trim(), provider);
  } catch {
    throw new AssayError("ACCOUNT_MISSING", "ASSAY_PRIVATE_KEY is not a private key (32 bytes in hexadecimal)");
  }
}

async function fromKeystore(path: string, provider: JsonRpcProvider): Promise<Signer> {
  const password = process.env.ASSAY_KEYSTORE_PASSWORD;
  if (password === undefined) {
    throw new AssayError("ACCOUNT_MISSING", "the keystore needs a password", {
      where: path,
      hint: "set ASSAY_KEYSTORE_PASSWORD",
    });
  }
  let json: string;
  try {
    json = readFileSync(path, "utf8");
  } catch (cause) {
    throw new AssayError("FILE_NOT_READABLE", "the keystore cannot be read", { where: path, cause });
  }
  try {
    return (await Wallet.fromEncryptedJson(json, password)).connect(provider);
  } catch {
    throw new AssayError("ACCOUNT_MISSING", "the keystore does not open: not a keystore, or a wrong password", {
      where: path,
    });
  }
}
