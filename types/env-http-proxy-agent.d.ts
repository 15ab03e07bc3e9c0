// The EnvHttpProxyAgent: any origin, by way of the proxies that the environment names.

import Agent from './agent'
import Dispatcher from './dispatcher'
import ProxyAgent from './proxy-agent'

export default EnvHttpProxyAgent

/**
 * Sends requests by way of the proxies that the environment names, or of none. `no_proxy` is read for each request,
 * the others once.
 *
 * Source: undici 8; `all_proxy` and blocks of addresses in `no_proxy` are ours.
 */
declare class EnvHttpProxyAgent extends Dispatcher {
  /** @throws what {@link ProxyAgent} throws. */
  constructor (options?: EnvHttpProxyAgent.Options)

  /** Whether `close` or `destroy` was called. */
  readonly closed: boolean
  /** Whether `destroy` was called, or `close` has come to its end. */
  readonly destroyed: boolean

  /** As {@link Agent.dispatch}. */
  dispatch (options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean
}

declare namespace EnvHttpProxyAgent {
  export interface Options extends Omit<ProxyAgent.Options, 'uri'> {
    /** The proxy for `http:` origins. Default: `http_proxy`, `HTTP_PROXY`. */
    httpProxy?: string
    /** The proxy for `https:` origins. Default: `https_proxy`, `HTTPS_PROXY`, else that for `http:`. */
    httpsProxy?: string
    /** Who is asked without a proxy. Default: `no_proxy`, `NO_PROXY`. */
    noProxy?: string
    /** Whether `all_proxy` and `ALL_PROXY` are for what nothing else is said of. Default: `true`. */
    allProxy?: boolean
  }
}
