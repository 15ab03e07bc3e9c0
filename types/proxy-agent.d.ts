// The ProxyAgent: any origin, by way of one proxy.

import { URL } from 'node:url'
import Agent from './agent'
import buildConnector from './connector'
import Dispatcher from './dispatcher'
import { OutgoingHttpHeaders } from './header'

export default ProxyAgent

/**
 * Sends requests to any origin by way of a proxy: through a tunnel (CONNECT) to an `https:` origin, with the whole
 * URL as the target to an `http:` one.
 *
 * Source: undici 8; RFC 9110 §9.3.6, RFC 9112 §3.2.2.
 */
declare class ProxyAgent extends Dispatcher {
  /**
   * @param options the URL of the proxy, or what is below.
   * @throws InvalidArgumentError without `uri`, for both `auth` and `token`, and for `clientFactory`; NotSupportedError for a
   * proxy that is neither `http:`, `https:`, `socks5:` nor `socks:`; a TypeError of code `ERR_INVALID_URL`.
   */
  constructor (options: ProxyAgent.Options | string | URL)

  /** Whether `close` or `destroy` was called. */
  readonly closed: boolean
  /** Whether `destroy` was called, or `close` has come to its end. */
  readonly destroyed: boolean

  /**
   * As {@link Agent.dispatch}. A `proxy-authorization` field among those of a request is refused.
   * @throws InvalidArgumentError: to the handler.
   */
  dispatch (options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean
}

declare namespace ProxyAgent {
  export interface Options extends Agent.Options {
    /** The proxy: `http:`, `https:`, `socks5:` or `socks:`. Its user and password are shown to the proxy, as the `Basic` scheme has it. */
    uri: string | URL
    /** Credentials of the `Basic` scheme, in base64. @deprecated use `token` */
    auth?: string
    /** The value of the proxy's `proxy-authorization` field. */
    token?: string
    /** Fields for the proxy. They do not go through a tunnel. */
    headers?: OutgoingHttpHeaders
    /** How TLS is spoken with an `https:` origin. */
    requestTls?: buildConnector.BuildOptions
    /** How the proxy is connected to, and how TLS is spoken with an `https:` one. */
    proxyTls?: buildConnector.BuildOptions
    /** Makes the dispatcher that asks the proxy for tunnels. Default: a Pool. */
    clientFactory?: (origin: URL, options: object) => Dispatcher
    /** Whether requests for `http:` origins go through a tunnel as well. Default: `false`. */
    proxyTunnel?: boolean
  }
}
