// The clients, as a table, and which workloads each can do. How each makes its calls is in clients/, a file per family.
//
// A row: its name; the library it belongs to; the client of undici 8 that it is compared with (`like`); its calls, by
// the names that workloads use; `open`, which makes what the calls need. A library with a `module` or a `package` can be
// loaded by `require`. What has to be there for them is the business of packages.mjs.

import { fetches, otherFetches } from './clients/fetch.mjs'
import { nodeHttp, onNodeHttp } from './clients/node-http.mjs'
import { tools } from './clients/tools.mjs'
import { undicis } from './clients/undici.mjs'

const [dodiciFetch, undiciFetch, builtinFetch] = fetches

/** All of them, in the order of the first round. */
export const clients = [
  ...undicis('dodici', '../../index.js', ['request', 'json', 'stream', 'dispatch', 'dispatch v1']),
  dodiciFetch,
  ...undicis('undici 8', 'undici8', ['request', 'json', 'stream', 'dispatch']),
  undiciFetch,
  ...undicis('undici 7', 'undici7', ['request', 'dispatch']),
  ...undicis('undici 6', 'undici6', ['request', 'dispatch v1']),
  nodeHttp,
  builtinFetch,
  ...tools,
  ...otherFetches,
  ...onNodeHttp
]

/**
 * Whether a client has part in a workload. Where a library is measured and not its calls, its first client stands for it.
 *
 * @param {object} client
 * @param {object} workload
 */
export function canDo (client, workload) {
  if (client.canDo) return client.canDo(workload)
  const isFirst = clients.find(({ library }) => library === client.library) === client
  if (workload.kind === 'loading') return isFirst && client.runtime === undefined && (client.module ?? client.package) !== undefined
  if (workload.kind === 'idle' && !isFirst) return false
  if (workload.pipelining > 1 && !client.canPipeline) return false
  return client.calls[workload.call] !== undefined
}

/**
 * @param {string} name
 * @returns {object} the client of that name
 */
export function clientNamed (name) {
  return clients.find((client) => client.name === name)
}
