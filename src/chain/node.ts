/** The chain of one command: an endpoint that the user named, or an embedded node that lives as long as the action. */
import { EMBEDDED_CHAIN_ID, startAnvil } from "./anvil.js";
import { type Connection, connect } from "./connect.js";
import { deploy } from "./deploy.js";

export async function withChain<T>(rpcUrl: string | undefined, action: (connection: Connection) => Promise<T>): Promise<T> {
  if (rpcUrl === undefined) return withEmbeddedNode(action);
  const connection = await connect(rpcUrl);
  try {
    return await action(connection);
  } finally {
    connection.close();
  }
}

/** A fresh node with Assay's contracts; its own unlocked account signs, whatever the environment holds. */
async function withEmbeddedNode<T>(action: (connection: Connection) => Promise<T>): Promise<T> {
  const node = await startAnvil();
  try {
    const connection = await connect(node.rpcUrl, { devAccount: true });
    try {
      await deploy(connection);
      return await action(connection);
    } finally {
      connection.close();
    }
  } finally {
    await node.stop();
  }
}

/** Whether a chain is a development node, on which contracts and entries may be made without asking. */
export function isDevChain({ chainId }: Connection): boolean {
  return chainId === EMBEDDED_CHAIN_ID || chainId === 1337;
}
